//! DynamoDB: its JSON protocol in front of the typed calls of `dynoxide`.

mod engine;
mod sweep;
mod tokens;

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use dynoxide::storage::Storage;
use dynoxide::{DynoxideError, actions};
use http::{Response, StatusCode};
use s3s::Body;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::engine::{Engine, Tables, Turn};
use self::tokens::LONGEST;
use crate::OpenError;
use crate::recorder::{Access, Recorder, Resource};
use crate::router::{UNKNOWN_OPERATION, json};

/// The most that DynamoDB takes in one request, in bytes.
pub(crate) const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// Tables in a file or in memory. Calls are done one after another, so a condition is judged against what is there when
/// the write happens, and a transaction is seen whole or not at all.
pub(crate) struct DynamoDb {
    engine: Engine,
}

impl DynamoDb {
    pub fn open(file: &Path) -> Result<Self, OpenError> {
        Engine::open(file).map(|engine| Self { engine }).map_err(|error| OpenError::DynamoDb(error.to_string()))
    }

    pub fn memory() -> Result<Self, OpenError> {
        Engine::memory().map(|engine| Self { engine }).map_err(|error| OpenError::DynamoDb(error.to_string()))
    }

    /// Deletes the items whose time to live has passed.
    pub async fn sweep(&self) {
        // A sweep that fails leaves what it did not reach to the next one.
        let _ = sweep::sweep(&self.engine).await;
    }

    /// Answers one operation.
    pub async fn answer(&self, operation: &str, body: Bytes, recorder: Option<&Recorder>) -> Response<Body> {
        match Box::pin(self.run(Request { operation, body, recorder, engine: &self.engine })).await {
            Some(Ok(answer)) => json(StatusCode::OK, answer),
            Some(Err(error)) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                json(status, error.to_json())
            }
            None => json(StatusCode::BAD_REQUEST, UNKNOWN_OPERATION),
        }
    }

    /// For each operation: what it touches, and its call.
    async fn run(&self, request: Request<'_>) -> Option<Outcome> {
        Some(match request.operation {
            "BatchExecuteStatement" => {
                request
                    .run(
                        |q: &actions::batch_execute_statement::BatchExecuteStatementRequest, touch| {
                            q.statements.iter().for_each(|member| touch.statement(&member.statement))
                        },
                        |t, q| now(actions::batch_execute_statement::execute(&t.storage, q)),
                    )
                    .await
            }
            "BatchGetItem" => {
                request
                    .run(
                        |q: &actions::batch_get_item::BatchGetItemRequest, touch| {
                            q.request_items.keys().for_each(|table| touch.read(table))
                        },
                        |t, q| now(actions::batch_get_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "BatchWriteItem" => {
                request
                    .run(
                        |q: &actions::batch_write_item::BatchWriteItemRequest, touch| {
                            q.request_items.keys().for_each(|table| touch.write(table))
                        },
                        |t, q| now(actions::batch_write_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "CreateTable" => {
                request
                    .run(
                        |q: &actions::create_table::CreateTableRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::create_table::execute(&t.storage, q)),
                    )
                    .await
            }
            "DeleteItem" => {
                request
                    .run(
                        |q: &actions::delete_item::DeleteItemRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::delete_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "DeleteTable" => {
                request
                    .run(
                        |q: &actions::delete_table::DeleteTableRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::delete_table::execute(&t.storage, q, &t.vectors)),
                    )
                    .await
            }
            "DescribeStream" => {
                request
                    .run(
                        |q: &actions::describe_stream::DescribeStreamRequest, touch| touch.read(&q.stream_arn),
                        |t, q| now(actions::describe_stream::execute(&t.storage, q)),
                    )
                    .await
            }
            "DescribeTable" => {
                request
                    .run(
                        |q: &actions::describe_table::DescribeTableRequest, touch| touch.read(&q.table_name),
                        |t, q| now(actions::describe_table::execute(&t.storage, q, &t.vectors)),
                    )
                    .await
            }
            "DescribeTimeToLive" => {
                request
                    .run(
                        |q: &actions::describe_time_to_live::DescribeTimeToLiveRequest, touch| {
                            touch.read(&q.table_name)
                        },
                        |t, q| now(actions::describe_time_to_live::execute(&t.storage, q)),
                    )
                    .await
            }
            "ExecuteStatement" => {
                request
                    .run(
                        |q: &actions::execute_statement::ExecuteStatementRequest, touch| touch.statement(&q.statement),
                        |t, q| now(actions::execute_statement::execute(&t.storage, q)),
                    )
                    .await
            }
            "ExecuteTransaction" => {
                request
                    .run_once(
                        |q: &actions::execute_transaction::ExecuteTransactionRequest, touch| {
                            q.transact_statements.iter().for_each(|member| touch.statement(&member.statement));
                        },
                        |q| &mut q.client_request_token,
                        |t, q| now(actions::execute_transaction::execute(t, q)),
                    )
                    .await
            }
            "GetItem" => {
                request
                    .run(
                        |q: &actions::get_item::GetItemRequest, touch| touch.read(&q.table_name),
                        |t, q| now(actions::get_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "GetRecords" => request.run(|_, _| {}, |t, q| now(actions::get_records::execute(&t.storage, q))).await,
            "GetShardIterator" => {
                request
                    .run(
                        |q: &actions::get_shard_iterator::GetShardIteratorRequest, touch| touch.read(&q.stream_arn),
                        |t, q| now(actions::get_shard_iterator::execute(&t.storage, q)),
                    )
                    .await
            }
            "ListStreams" => request.run(|_, _| {}, |t, q| now(actions::list_streams::execute(&t.storage, q))).await,
            "ListTables" => request.run(|_, _| {}, |t, q| now(actions::list_tables::execute(&t.storage, q))).await,
            "ListTagsOfResource" => {
                request.run(|_, _| {}, |t, q| now(actions::list_tags_of_resource::execute(&t.storage, q))).await
            }
            "PutItem" => {
                request
                    .run(
                        |q: &actions::put_item::PutItemRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::put_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "Query" => {
                request
                    .run(
                        |q: &actions::query::QueryRequest, touch| touch.read(&q.table_name),
                        |t, q| now(actions::query::execute(&t.storage, q)),
                    )
                    .await
            }
            "Scan" => {
                request
                    .run(
                        |q: &actions::scan::ScanRequest, touch| touch.read(&q.table_name),
                        |t, q| now(actions::scan::execute(&t.storage, q)),
                    )
                    .await
            }
            "TagResource" => request.run(|_, _| {}, |t, q| now(actions::tag_resource::execute(&t.storage, q))).await,
            "TransactGetItems" => {
                request
                    .run(
                        |q: &actions::transact_get_items::TransactGetItemsRequest, touch| {
                            q.transact_items.iter().for_each(|item| touch.read(&item.get.table_name))
                        },
                        |t, q| now(actions::transact_get_items::execute(&t.storage, q)),
                    )
                    .await
            }
            "TransactWriteItems" => {
                request
                    .run_once(
                        transaction,
                        |q| &mut q.client_request_token,
                        |t, q| now(actions::transact_write_items::execute(t, q)),
                    )
                    .await
            }
            "UntagResource" => {
                request.run(|_, _| {}, |t, q| now(actions::untag_resource::execute(&t.storage, q))).await
            }
            "UpdateItem" => {
                request
                    .run(
                        |q: &actions::update_item::UpdateItemRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::update_item::execute(&t.storage, q)),
                    )
                    .await
            }
            "UpdateTable" => {
                request
                    .run(
                        |q: &actions::update_table::UpdateTableRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::update_table::execute(&t.storage, q, &t.vectors)),
                    )
                    .await
            }
            "UpdateTimeToLive" => {
                request
                    .run(
                        |q: &actions::update_time_to_live::UpdateTimeToLiveRequest, touch| touch.write(&q.table_name),
                        |t, q| now(actions::update_time_to_live::execute(&t.storage, q)),
                    )
                    .await
            }
            _ => return None,
        })
    }
}

fn transaction(request: &actions::transact_write_items::TransactWriteItemsRequest, touch: &TableTouches<'_>) {
    for item in &request.transact_items {
        let put = item.put.as_ref().map(|put| &put.table_name);
        let update = item.update.as_ref().map(|update| &update.table_name);
        let delete = item.delete.as_ref().map(|delete| &delete.table_name);
        [put, update, delete].into_iter().flatten().for_each(|table| touch.write(table));
        if let Some(check) = &item.condition_check {
            touch.read(&check.table_name);
        }
    }
}

type Outcome = Result<Vec<u8>, DynoxideError>;

struct Request<'a> {
    operation: &'a str,
    body: Bytes,
    recorder: Option<&'a Recorder>,
    engine: &'a Engine,
}

impl Request<'_> {
    async fn run<Q: DeserializeOwned + Send + 'static, A: Serialize + Send + 'static>(
        &self,
        touches: impl FnOnce(&Q, &TableTouches<'_>),
        call: impl FnOnce(&mut Tables, Q) -> Result<A, DynoxideError> + Send + 'static,
    ) -> Outcome {
        let parsed = self.parse(touches)?;
        written(&self.engine.run(self.turn(), move |tables| call(tables, parsed)).await?)
    }

    /// The same, but a repetition under one token is done once.
    async fn run_once<Q: DeserializeOwned + Send + 'static, A: Serialize>(
        &self,
        touches: impl FnOnce(&Q, &TableTouches<'_>),
        token: impl FnOnce(&mut Q) -> &mut Option<String>,
        call: impl FnOnce(&Storage, Q) -> Result<A, DynoxideError> + Send + 'static,
    ) -> Outcome {
        let mut parsed = self.parse(touches)?;
        // One that is too long stays where it is, for the call to refuse.
        let token = token(&mut parsed).take_if(|token| token.len() <= LONGEST);
        let (operation, body) = (self.operation.to_owned(), self.body.clone());
        let call = move |tables: &mut Tables| {
            let Tables { storage, tokens, .. } = tables;
            tokens.once(&operation, token, body, || written(&call(storage, parsed)?))
        };
        self.engine.run(self.turn(), call).await
    }

    fn turn(&self) -> Turn {
        match self.operation {
            "BatchGetItem" | "GetItem" | "Query" | "Scan" | "TransactGetItems" => Turn::Read,
            "BatchWriteItem" | "DeleteItem" | "PutItem" | "TransactWriteItems" | "UpdateItem" => Turn::Write,
            _ => Turn::Alone,
        }
    }

    fn parse<Q: DeserializeOwned>(&self, touches: impl FnOnce(&Q, &TableTouches<'_>)) -> Result<Q, DynoxideError> {
        let parsed = serde_json::from_slice(&self.body).map_err(|error| refusal(self.operation, &error))?;
        if let Some(recorder) = self.recorder {
            touches(&parsed, &TableTouches(recorder));
        }
        Ok(parsed)
    }
}

fn written(answer: &impl Serialize) -> Outcome {
    serde_json::to_vec(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The calls of `dynoxide` are asynchronous for storages that are; this one never waits.
fn now<A>(call: impl Future<Output = Result<A, DynoxideError>>) -> Result<A, DynoxideError> {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(DynoxideError::InternalServerError("the storage would have to wait".to_owned())),
    }
}

/// What DynamoDB says to a body that it cannot read. `dynoxide` marks its own refusals with how they are to be told;
/// of the parser's, DynamoDB calls what is missing or unknown invalid, and only a wrong JSON type malformed.
fn refusal(operation: &str, error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    let plain = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
    if let Some(text) = text.strip_prefix("SERIALIZATION_AS_READ:") {
        DynoxideError::SerializationException(text.to_owned())
    } else if let Some(text) = text.strip_prefix("VALIDATION_AS_READ:") {
        DynoxideError::ValidationException(text.to_owned())
    } else if let Some(text) = plain.strip_prefix("SERIALIZATION:") {
        DynoxideError::SerializationException(text.to_owned())
    } else if let Some(text) = plain.strip_prefix("VALIDATION_REQUEST:") {
        let counted = matches!(operation, "DeleteItem" | "PutItem" | "UpdateItem");
        let count = if counted { "1 validation error detected: " } else { "" };
        DynoxideError::ValidationException(format!("{count}{text}"))
    } else if let Some(text) = plain.strip_prefix("VALIDATION:") {
        DynoxideError::ValidationException(text.to_owned())
    } else if plain.contains("Supplied AttributeValue") {
        DynoxideError::ValidationException(plain.to_owned())
    } else if plain.contains("empty AttributeValue") {
        DynoxideError::ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".to_owned(),
        )
    } else if error.is_data()
        && ["missing field", "unknown variant", "invalid type: null"].iter().any(|known| plain.contains(known))
    {
        DynoxideError::ValidationException(plain.to_owned())
    } else if error.is_data() {
        DynoxideError::SerializationException(plain.to_owned())
    } else {
        // Not JSON at all: DynamoDB names no reason.
        DynoxideError::SerializationException(String::new())
    }
}

/// Records tables.
struct TableTouches<'a>(&'a Recorder);

impl TableTouches<'_> {
    fn read(&self, table: &str) {
        self.0.add(Resource::Table, table_of(table), Access::Read);
    }

    fn write(&self, table: &str) {
        self.0.add(Resource::Table, table_of(table), Access::Write);
    }

    /// A PartiQL statement: the word after the keyword that names its table.
    fn statement(&self, statement: &str) {
        let mut words = statement.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let table = match verb.to_ascii_uppercase().as_str() {
            "UPDATE" => words.next(),
            _ => words.find(|word| matches!(word.to_ascii_uppercase().as_str(), "FROM" | "INTO")).and(words.next()),
        };
        // `"orders"."by-day"` is an index of `orders`.
        let name = table.and_then(|table| table.trim_start_matches('"').split(['"', '.', ';']).next());
        match name {
            Some(name) if verb.eq_ignore_ascii_case("SELECT") => self.read(name),
            Some(name) => self.write(name),
            None => {}
        }
    }
}

/// The table's name in `arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026`, or the name itself.
fn table_of(name: &str) -> &str {
    match name.split_once(":table/") {
        Some((_, path)) => path.split('/').next().unwrap_or(path),
        None => name,
    }
}
