//! Sums that many calls add to. Two that add at the same moment both count, and neither waits for the other's version.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use service_errors::{Error, Refusal};

use crate::transaction::CONFLICT;
use crate::{Key, Table, Transaction};

/// A sum of a tenant. It begins at nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally(Key);

impl Tally {
    /// The tenant's sum of that name.
    pub fn new(tenant: &str, name: &str) -> Self {
        Self(Key::tally(tenant, name))
    }
}

impl Table {
    /// What a sum stands at.
    pub async fn sum(&self, tally: &Tally) -> Result<i64, Error> {
        let item = self.item(&tally.0).await?;
        let sum = item.as_ref().and_then(|item| item.get("tally")).and_then(|sum| sum.as_n().ok());
        sum.map_or(Ok(0), |sum| sum.parse().map_err(Error::internal))
    }
}

impl Transaction<'_> {
    /// Adds to a sum.
    pub fn add(self, tally: &Tally, amount: i64) -> Self {
        let update = self.addition(tally, amount);
        self.update_tally(update, CONFLICT)
    }

    /// Adds to a sum. If that would take it above `ceiling`, nothing is written and `refusal` is the answer.
    pub fn add_within(self, tally: &Tally, amount: i64, ceiling: i64, refusal: Refusal) -> Self {
        let room = ceiling.saturating_sub(amount);
        // A sum nobody has added to yet stands at nothing.
        let condition = if room >= 0 { "attribute_not_exists(tally) OR tally <= :room" } else { "tally <= :room" };
        let update = self
            .addition(tally, amount)
            .condition_expression(condition)
            .expression_attribute_values(":room", AttributeValue::N(room.to_string()));
        self.update_tally(update, refusal)
    }

    fn addition(&self, tally: &Tally, amount: i64) -> UpdateBuilder {
        Update::builder()
            .table_name(self.table_name())
            .key("pk", AttributeValue::S(tally.0.pk.clone()))
            .key("sk", AttributeValue::S(tally.0.sk.clone()))
            .update_expression("ADD tally :amount")
            .expression_attribute_values(":amount", AttributeValue::N(amount.to_string()))
    }

    fn update_tally(self, update: UpdateBuilder, refusal: Refusal) -> Self {
        match update.build() {
            Ok(update) => self.also(TransactWriteItem::builder().update(update).build(), refusal),
            Err(error) => self.fail(Error::internal(error)),
        }
    }
}
