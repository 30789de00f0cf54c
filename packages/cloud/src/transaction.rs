//! The change of one call: one DynamoDB transaction, or nothing.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use operation::{ALREADY_DONE, Answer, Call, CloudEvent, EventType, Remembered, Reply, random_id};
use serde::Serialize;
use serde_json::json;
use service_errors::{Error, Kind, Refusal};

use crate::lists::{list_key, partition};
use crate::memory::ANSWER;
use crate::table::{Item, item};
use crate::{Entity, Key, Stored, Table, failed};

/// A change being put together. Nothing happens before [`Transaction::commit`].
pub struct Transaction<'a> {
    table: &'a Table,
    call: &'a Call,
    writes: Vec<(TransactWriteItem, Refusal)>,
    subject: Option<String>,
    events: Vec<Item>,
    failure: Option<Error>,
}

/// A record that already exists, or has changed since it was read.
pub(crate) const CONFLICT: Refusal =
    Refusal::of(Kind::Conflict, "Somebody else has changed this meanwhile: read it again.");

impl<'a> Transaction<'a> {
    pub(crate) fn new(table: &'a Table, call: &'a Call) -> Self {
        Self { table, call, writes: Vec::new(), subject: None, events: Vec::new(), failure: None }
    }

    /// Adds a new record. If one has its id, nothing is written and `exists` is the answer.
    pub fn create<T: Entity>(self, value: &T, exists: Refusal) -> Self {
        let key = Key::record::<T>(value.tenant(), value.id());
        let condition = (NOT_EXISTS, None);
        self.about::<T>(value).record(&key, value, 1, condition, exists)
    }

    /// Replaces the record that was read as `read`. If it has changed since, nothing is written: 409.
    pub fn update<T: Entity>(self, read: &Stored<T>, value: &T) -> Self {
        let key = Key::record::<T>(value.tenant(), value.id());
        self.about::<T>(value).drop_copies(&read.value, value.lists().len()).record(
            &key,
            value,
            read.version + 1,
            ("version = :version", Some(read.version)),
            CONFLICT,
        )
    }

    /// Leaves a record as it is, and asks that it still is as it was read: if not, nothing is written: 409.
    pub fn unchanged<T: Entity>(self, read: &Stored<T>) -> Self {
        let key = Key::record::<T>(read.value.tenant(), read.value.id());
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(read.version.to_string()))
            .build();
        match check {
            Ok(check) => self.also(TransactWriteItem::builder().condition_check(check).build(), CONFLICT),
            Err(error) => self.fail(Error::internal(error)),
        }
    }

    /// Answers `refusal` when the write or check just added loses its condition.
    pub fn or(mut self, refusal: Refusal) -> Self {
        if let Some((_, last)) = self.writes.last_mut() {
            *last = refusal;
        }
        self
    }

    /// Creates the record, or replaces it if it still is as it was read.
    pub fn upsert<T: Entity>(self, read: Option<&Stored<T>>, value: &T) -> Self {
        match read {
            Some(read) => self.update(read, value),
            None => self.create(value, CONFLICT),
        }
    }

    /// Removes a record softly: it stands in no list, reads as absent, and its id stays taken.
    pub fn remove<T: Entity>(mut self, read: &Stored<T>) -> Self {
        let key = Key::record::<T>(read.value.tenant(), read.value.id());
        self = self.about::<T>(&read.value).drop_copies(&read.value, 0);
        match item(&key, &read.value, read.version + 1) {
            Ok(mut item) => {
                item.insert("deletedAt".into(), AttributeValue::S(self.call.now.to_string()));
                self.put(item, ("version = :version", Some(read.version)), CONFLICT)
            }
            Err(error) => self.fail(error),
        }
    }

    /// Adds a part to a record; the part must be new.
    pub fn add_part<T: Entity, P: Serialize>(self, of: &T, part: &str, value: &P) -> Self {
        let key = Key::part::<T>(of.tenant(), of.id(), part);
        match item(&key, value, 1) {
            Ok(item) => self.put(item, (NOT_EXISTS, None), CONFLICT),
            Err(error) => self.fail(error),
        }
    }

    /// Forgets a record altogether, if it still is as it was read.
    pub fn erase<T: Entity>(self, read: &Stored<T>) -> Self {
        let key = Key::record::<T>(read.value.tenant(), read.value.id());
        self.drop_copies(&read.value, 0).delete(key, Some(read.version))
    }

    /// Forgets a record whatever it is by now. For kinds that stand in no further lists.
    pub fn forget<T: Entity>(self, tenant: &str, id: &str) -> Self {
        self.delete(Key::record::<T>(tenant, id), None)
    }

    /// What the audit entry is about, where that is not the first record: `document/global.security.cors`.
    pub fn subject(mut self, subject: String) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Puts an event into the outbox.
    pub fn event<D: Serialize>(mut self, kind: &EventType, subject: &str, data: &D) -> Self {
        let call = self.call;
        let event = CloudEvent {
            specversion: "1.0".to_owned(),
            id: random_id(),
            source: format!("/{}", call.service),
            kind: kind.name.to_owned(),
            subject: subject.to_owned(),
            time: call.now.clone(),
            datacontenttype: "application/json".to_owned(),
            tenantid: call.tenant.clone(),
            requestid: call.request_id.clone(),
            data,
        };
        let body = match serde_json::to_string(&event) {
            Ok(body) => body,
            Err(error) => return self.fail(Error::internal(error)),
        };
        self.events.push(Item::from([
            ("pk".to_owned(), AttributeValue::S(format!("{}#outbox", call.tenant))),
            ("sk".to_owned(), AttributeValue::S(format!("{}#{}", call.now.sortable(), event.id))),
            ("outbox".to_owned(), AttributeValue::S(call.tenant.clone())),
            ("kind".to_owned(), AttributeValue::S(event.kind)),
            ("event".to_owned(), AttributeValue::S(body)),
        ]));
        self
    }

    /// Writes everything, and with it the audit entry and the claim with the answer under it. Afterwards either all of
    /// it stands or nothing does. A lost condition is the refusal given with it; a lost claim is [`ALREADY_DONE`].
    pub async fn commit<R: Reply>(mut self, reply: &R) -> Result<(), Error> {
        let call = self.call;
        let mut events = std::mem::take(&mut self.events).into_iter();
        let emits = events.len() > 0;
        if let Some(action) = call.audit {
            self = self.audit(action, events.next());
        }
        self = events.fold(self, Self::put_new);
        if let Some(claim) = &call.claim {
            let answer = reply.answer(call.success).map_err(Error::internal)?;
            let remembered = serde_json::to_string(&remembered(&claim.fingerprint, answer)).map_err(Error::internal)?;
            let key = Key::claim(&claim.tenant, &claim.key);
            let entry = Item::from([
                ("pk".to_owned(), AttributeValue::S(key.pk)),
                ("sk".to_owned(), AttributeValue::S(key.sk)),
                (ANSWER.to_owned(), AttributeValue::S(remembered)),
                ("expiresAt".to_owned(), AttributeValue::N(claim.expires_at.to_string())),
            ]);
            // First, so that among several lost conditions the claim is the one that is reported.
            self = self.put(entry, (NOT_EXISTS, None), ALREADY_DONE);
            self.writes.rotate_right(1);
        }
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.send().await?;
        if call.claim.is_some() {
            call.claim_written();
        }
        if let (true, Some(wake)) = (emits, &self.table.on_event) {
            wake();
        }
        Ok(())
    }

    async fn send(&self) -> Result<(), Error> {
        match self.writes.as_slice() {
            [(write, refusal)] => self.send_one(write, *refusal).await,
            _ => self.send_all().await,
        }
    }

    /// A write alone is atomic by itself, and costs half of what it does in a transaction.
    /// Unlike a transaction it has no token: sent again after a lost answer, it meets itself and is a conflict. What is
    /// audited is never alone, so only counts and the like, which try again, can meet that.
    async fn send_one(&self, write: &TransactWriteItem, refusal: Refusal) -> Result<(), Error> {
        let client = &self.table.client;
        let sent = match (&write.put, &write.delete) {
            (Some(put), _) => client
                .put_item()
                .table_name(&put.table_name)
                .set_item(Some(put.item.clone()))
                .set_condition_expression(put.condition_expression.clone())
                .set_expression_attribute_values(put.expression_attribute_values.clone())
                .send()
                .await
                .map(drop)
                .map_err(|error| match error.as_service_error() {
                    Some(PutItemError::ConditionalCheckFailedException(_)) => Lost::Condition,
                    Some(PutItemError::TransactionConflictException(_)) => Lost::Race,
                    _ => Lost::Other(failed(error)),
                }),
            (_, Some(delete)) => client
                .delete_item()
                .table_name(&delete.table_name)
                .set_key(Some(delete.key.clone()))
                .set_condition_expression(delete.condition_expression.clone())
                .set_expression_attribute_values(delete.expression_attribute_values.clone())
                .send()
                .await
                .map(drop)
                .map_err(|error| match error.as_service_error() {
                    Some(DeleteItemError::ConditionalCheckFailedException(_)) => Lost::Condition,
                    Some(DeleteItemError::TransactionConflictException(_)) => Lost::Race,
                    _ => Lost::Other(failed(error)),
                }),
            _ => Err(Lost::Race),
        };
        match sent {
            Ok(()) => Ok(()),
            Err(Lost::Condition) => Err(refusal.into()),
            Err(Lost::Race) => self.send_all().await,
            Err(Lost::Other(error)) => Err(error),
        }
    }

    async fn send_all(&self) -> Result<(), Error> {
        // Two transactions that touch one item at the same moment cancel each other; the next attempt decides.
        const ATTEMPTS: usize = 4;
        let mut outcome = Ok(());
        for _ in 0..ATTEMPTS {
            let writes: Vec<_> = self.writes.iter().map(|(write, _)| write.clone()).collect();
            let sent = self.table.client.transact_write_items().set_transact_items(Some(writes)).send().await;
            let Err(error) = sent else { return Ok(()) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    canceled.cancellation_reasons()
                }
                _ => return Err(failed(error)),
            };
            let lost = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed"));
            if let Some((_, refusal)) = lost.and_then(|index| self.writes.get(index)) {
                return Err(Error::from(*refusal));
            }
            let again = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
            const RETRY_AFTER_SECONDS: u64 = 1;
            outcome = Err(Error::unavailable(format!("{reasons:?}"), RETRY_AFTER_SECONDS));
            if !again {
                break;
            }
        }
        outcome
    }

    /// The audit entry. An event travels in the same item, which costs a write less; the relay takes it out.
    fn audit(self, action: &str, event: Option<Item>) -> Self {
        let call = self.call;
        let time = call.now.to_string();
        let entry = json!({
            "action": action,
            "operation": call.operation,
            "actor": call.principal.id(),
            "subject": self.subject,
            "requestId": call.request_id,
            "client": call.client,
            "at": time,
        });
        let key = Key {
            pk: format!("{}#audit#{}", call.tenant, time.get(..10).unwrap_or_default()),
            sk: format!("{}#{}#{}", call.now.sortable(), call.request_id, random_id()),
        };
        match item(&key, &entry, 1) {
            Ok(entry) => self.put_new(event.into_iter().flatten().chain(entry).collect()),
            Err(error) => self.fail(error),
        }
    }

    fn record<T: Entity>(mut self, key: &Key, value: &T, version: u64, condition: Condition, refusal: Refusal) -> Self {
        let mut item = match item(key, value, version) {
            Ok(item) => item,
            Err(error) => return self.fail(error),
        };
        let order = value.order();
        let listed = !order.is_empty();
        let sort = format!("{order}#{}", value.id());
        let stand = |item: &mut Item, index: &str, pk: String| {
            item.insert(format!("{index}pk"), AttributeValue::S(pk));
            item.insert(format!("{index}sk"), AttributeValue::S(sort.clone()));
        };
        if let Some(at) = value.expires_at() {
            item.insert("expiresAt".to_owned(), AttributeValue::N(at.to_string()));
        }
        // The copies come with the record, whose condition speaks for all.
        for (n, [first, second]) in value.lists().iter().enumerate() {
            let mut copy = item.clone();
            copy.insert("sk".to_owned(), AttributeValue::S(Key::copy::<T>(value.tenant(), value.id(), n).sk));
            stand(&mut copy, "gsi1", list_key::<T>(value.tenant(), first));
            stand(&mut copy, "gsi2", list_key::<T>(value.tenant(), second));
            self = self.write(Put::builder().set_item(Some(copy)), CONFLICT);
        }
        if listed && T::LISTED_WHOLE {
            stand(&mut item, "gsi1", partition::<T>(value.tenant(), value.status(), None));
        }
        if let Some(owner) = value.owner().filter(|_| listed) {
            stand(&mut item, "gsi2", partition::<T>(value.tenant(), value.status(), Some(owner)));
        }
        self.put(item, condition, refusal)
    }

    /// Drops the copies of a record from the one that is number `kept`.
    fn drop_copies<T: Entity>(self, of: &T, kept: usize) -> Self {
        (kept..of.lists().len()).fold(self, |change, n| change.delete(Key::copy::<T>(of.tenant(), of.id(), n), None))
    }

    fn delete(mut self, key: Key, version: Option<u64>) -> Self {
        let mut delete = Delete::builder()
            .table_name(&self.table.name)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk));
        if let Some(version) = version {
            delete = delete
                .condition_expression("version = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        }
        match delete.build() {
            Ok(delete) => self.writes.push((TransactWriteItem::builder().delete(delete).build(), CONFLICT)),
            Err(error) => return self.fail(Error::internal(error)),
        }
        self
    }

    fn put(self, item: Item, (condition, version): Condition, refusal: Refusal) -> Self {
        let mut put = Put::builder().set_item(Some(item)).condition_expression(condition);
        if let Some(version) = version {
            put = put.expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        }
        self.write(put, refusal)
    }

    /// A new item under a random key, where there can be nothing yet.
    fn put_new(self, item: Item) -> Self {
        self.write(Put::builder().set_item(Some(item)), CONFLICT)
    }

    fn write(mut self, put: PutBuilder, refusal: Refusal) -> Self {
        match put.table_name(&self.table.name).build() {
            Ok(put) => self.writes.push((TransactWriteItem::builder().put(put).build(), refusal)),
            Err(error) => return self.fail(Error::internal(error)),
        }
        self
    }

    pub(crate) fn table_name(&self) -> &str {
        &self.table.name
    }

    pub(crate) fn also(mut self, write: TransactWriteItem, refusal: Refusal) -> Self {
        self.writes.push((write, refusal));
        self
    }

    fn about<T: Entity>(mut self, value: &T) -> Self {
        self.subject.get_or_insert_with(|| format!("{}/{}", T::KIND, value.id()));
        self
    }

    pub(crate) fn fail(mut self, error: Error) -> Self {
        self.failure.get_or_insert(error);
        self
    }
}

/// Why a write alone was not made.
enum Lost {
    /// Its condition does not hold.
    Condition,
    /// A transaction is at the same item: within one it is tried again.
    Race,
    Other(Error),
}

/// A condition expression, and the version it compares with.
type Condition = (&'static str, Option<u64>);
const NOT_EXISTS: &str = "attribute_not_exists(pk)";

fn remembered(fingerprint: &str, answer: Answer) -> Remembered {
    let headers = answer
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    Remembered { fingerprint: fingerprint.to_owned(), status: answer.status, body: answer.body, headers }
}
