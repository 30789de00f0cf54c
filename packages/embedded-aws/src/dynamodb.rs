//! DynamoDB: its JSON protocol in front of the typed calls of `dynoxide`.

use std::path::Path;

use dynoxide::{Database, DynoxideError};
use http::{Response, StatusCode};
use s3s::Body;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::OpenError;
use crate::recorder::{Access, Recorder, Resource};
use crate::router::{UNKNOWN_OPERATION, json};

/// The most that DynamoDB takes in one request, in bytes.
pub(crate) const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// A database in a file or in memory. Its writes are serialised by one lock, so a condition is judged against what is
/// there when the write happens, and a transaction is seen whole or not at all.
pub(crate) struct DynamoDb {
    database: Database,
}

impl DynamoDb {
    pub fn open(file: &Path) -> Result<Self, OpenError> {
        let path = file.to_str().ok_or_else(|| OpenError::DynamoDb(format!("{} is not UTF-8", file.display())))?;
        let opened = Database::new(path).and_then(|database| {
            // Under this name it sets `synchronous = NORMAL`: no wait for the disk at every commit. A process that is
            // killed loses nothing; only a power failure can cost the last moments.
            database.disable_bulk_loading()?;
            Ok(Self { database })
        });
        opened.map_err(|error| OpenError::DynamoDb(error.to_string()))
    }

    pub fn memory() -> Result<Self, OpenError> {
        Database::memory().map(|database| Self { database }).map_err(|error| OpenError::DynamoDb(error.to_string()))
    }

    /// Deletes the items whose time to live has passed, a page at a time, so that other calls get their turn.
    pub fn sweep(&self) {
        // A sweep that fails leaves what it did not reach to the next one.
        let _ = self.database.sweep_ttl();
    }

    /// Answers one operation. A call takes microseconds and waits for nobody else's, so it runs where it is made.
    pub fn answer(&self, operation: &str, body: &[u8], recorder: Option<&Recorder>) -> Response<Body> {
        match self.run(operation, Request { operation, body, recorder }) {
            Some(Ok(answer)) => json(StatusCode::OK, answer),
            Some(Err(error)) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                json(status, error.to_json())
            }
            None => json(StatusCode::BAD_REQUEST, UNKNOWN_OPERATION),
        }
    }

    /// One line per operation: its name, what it touches, its call.
    fn run(&self, operation: &str, request: Request<'_>) -> Option<Outcome> {
        let db = &self.database;
        Some(match operation {
            "BatchExecuteStatement" => request.run(
                |q: &dynoxide::actions::batch_execute_statement::BatchExecuteStatementRequest, touch| {
                    q.statements.iter().for_each(|member| touch.statement(&member.statement));
                },
                |q| db.batch_execute_statement(q),
            ),
            "BatchGetItem" => request.run(
                |q: &dynoxide::actions::batch_get_item::BatchGetItemRequest, touch| {
                    q.request_items.keys().for_each(|table| touch.read(table));
                },
                |q| db.batch_get_item(q),
            ),
            "BatchWriteItem" => request.run(
                |q: &dynoxide::actions::batch_write_item::BatchWriteItemRequest, touch| {
                    q.request_items.keys().for_each(|table| touch.write(table));
                },
                |q| db.batch_write_item(q),
            ),
            "CreateTable" => request.run(
                |q: &dynoxide::actions::create_table::CreateTableRequest, touch| touch.write(&q.table_name),
                |q| db.create_table(q),
            ),
            "DeleteItem" => request.run(
                |q: &dynoxide::actions::delete_item::DeleteItemRequest, touch| touch.write(&q.table_name),
                |q| db.delete_item(q),
            ),
            "DeleteTable" => request.run(
                |q: &dynoxide::actions::delete_table::DeleteTableRequest, touch| touch.write(&q.table_name),
                |q| db.delete_table(q),
            ),
            "DescribeStream" => request.run(
                |q: &dynoxide::actions::describe_stream::DescribeStreamRequest, touch| touch.read(&q.stream_arn),
                |q| db.describe_stream(q),
            ),
            "DescribeTable" => request.run(
                |q: &dynoxide::actions::describe_table::DescribeTableRequest, touch| touch.read(&q.table_name),
                |q| db.describe_table(q),
            ),
            "DescribeTimeToLive" => request.run(
                |q: &dynoxide::actions::describe_time_to_live::DescribeTimeToLiveRequest, touch| {
                    touch.read(&q.table_name);
                },
                |q| db.describe_time_to_live(q),
            ),
            "ExecuteStatement" => request.run(
                |q: &dynoxide::actions::execute_statement::ExecuteStatementRequest, touch| {
                    touch.statement(&q.statement);
                },
                |q| db.execute_statement(q),
            ),
            "ExecuteTransaction" => request.run(
                |q: &dynoxide::actions::execute_transaction::ExecuteTransactionRequest, touch| {
                    q.transact_statements.iter().for_each(|member| touch.statement(&member.statement));
                },
                |q| db.execute_transaction(q),
            ),
            "GetItem" => request.run(
                |q: &dynoxide::actions::get_item::GetItemRequest, touch| touch.read(&q.table_name),
                |q| db.get_item(q),
            ),
            "GetRecords" => request.run(|_, _| {}, |q| db.get_records(q)),
            "GetShardIterator" => request.run(
                |q: &dynoxide::actions::get_shard_iterator::GetShardIteratorRequest, touch| touch.read(&q.stream_arn),
                |q| db.get_shard_iterator(q),
            ),
            "ListStreams" => request.run(|_, _| {}, |q| db.list_streams(q)),
            "ListTables" => request.run(|_, _| {}, |q| db.list_tables(q)),
            "ListTagsOfResource" => request.run(|_, _| {}, |q| db.list_tags_of_resource(q)),
            "PutItem" => request.run(
                |q: &dynoxide::actions::put_item::PutItemRequest, touch| touch.write(&q.table_name),
                |q| db.put_item(q),
            ),
            "Query" => request
                .run(|q: &dynoxide::actions::query::QueryRequest, touch| touch.read(&q.table_name), |q| db.query(q)),
            "Scan" => {
                request.run(|q: &dynoxide::actions::scan::ScanRequest, touch| touch.read(&q.table_name), |q| db.scan(q))
            }
            "TagResource" => request.run(|_, _| {}, |q| db.tag_resource(q)),
            "TransactGetItems" => request.run(
                |q: &dynoxide::actions::transact_get_items::TransactGetItemsRequest, touch| {
                    q.transact_items.iter().for_each(|item| touch.read(&item.get.table_name));
                },
                |q| db.transact_get_items(q),
            ),
            "TransactWriteItems" => request.run(transaction, |q| db.transact_write_items(q)),
            "UntagResource" => request.run(|_, _| {}, |q| db.untag_resource(q)),
            "UpdateItem" => request.run(
                |q: &dynoxide::actions::update_item::UpdateItemRequest, touch| touch.write(&q.table_name),
                |q| db.update_item(q),
            ),
            "UpdateTable" => request.run(
                |q: &dynoxide::actions::update_table::UpdateTableRequest, touch| touch.write(&q.table_name),
                |q| db.update_table(q),
            ),
            "UpdateTimeToLive" => request.run(
                |q: &dynoxide::actions::update_time_to_live::UpdateTimeToLiveRequest, touch| {
                    touch.write(&q.table_name);
                },
                |q| db.update_time_to_live(q),
            ),
            _ => return None,
        })
    }
}

fn transaction(request: &dynoxide::actions::transact_write_items::TransactWriteItemsRequest, touch: &TableTouches<'_>) {
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
    body: &'a [u8],
    recorder: Option<&'a Recorder>,
}

impl Request<'_> {
    fn run<Q: DeserializeOwned, A: Serialize>(
        &self,
        touches: impl FnOnce(&Q, &TableTouches<'_>),
        call: impl FnOnce(Q) -> Result<A, DynoxideError>,
    ) -> Outcome {
        let parsed = serde_json::from_slice(self.body).map_err(|error| refusal(self.operation, &error))?;
        if let Some(recorder) = self.recorder {
            touches(&parsed, &TableTouches(recorder));
        }
        serde_json::to_vec(&call(parsed)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
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
