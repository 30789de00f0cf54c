//! Credit: what a shipper's open bookings may cost together, when that is said, and when nothing more is booked.

use std::collections::BTreeMap;

use cloud::{Entity, Stored, Tally, Transaction};
use config_client::{Document, Scope};
use operation::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::types::Timestamp;

use crate::Booking;
use crate::records::SummaryRecord;

/// `business/credit`: the limit, and what happens near it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credit {
    /// What open bookings may cost together, in paise; `None` sets no limit.
    pub limit_amount: Option<i64>,
    /// From this part of the limit on bookings carry a warning, in hundredths of a per cent.
    pub warning_basis_points: i64,
    /// Above this part of it nothing is booked at all.
    pub block_basis_points: i64,
    /// How long a shipper may stay between the limit and the block.
    pub grace_hours: i64,
    /// Limits of single shippers, by their ids.
    pub shippers: BTreeMap<String, ShipperCredit>,
}

/// The limit of one shipper.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipperCredit {
    /// In paise; `None` sets no limit.
    pub limit_amount: Option<i64>,
}

impl Document for Credit {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "business/credit";
}

/// How a booking leaves its shipper's credit, when that needs saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditStanding {
    /// Near the limit.
    Warning,
    /// Over the limit, for as long as that is let pass.
    Grace,
}

/// Since when a shipper is over the limit. It counts only while they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditRecord {
    pub tenant: String,
    pub shipper_id: String,
    pub over_since: Timestamp,
}

impl Entity for CreditRecord {
    const KIND: &'static str = "credit";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.shipper_id
    }
}

/// With this booking the shipper would owe more than they may.
pub const INSUFFICIENT_CREDIT: Refusal =
    Refusal::rule("INSUFFICIENT_CREDIT", "The open bookings would cost more than the credit allows.");

/// What a shipper's open bookings cost together where there was a limit when they were made: each is added in the
/// transaction that makes it, so that of two that do not both fit exactly one is made, and taken out when it is over.
pub fn credit_tally(tenant: &str, shipper: &str) -> Tally {
    Tally::new(tenant, &format!("open-amount#{shipper}"))
}

/// What a shipper's open bookings cost together. What was booked while there was no limit is known from the summary,
/// which comes a moment later; nobody has to be kept from anything by it.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    on_credit: i64,
    unlimited: i64,
}

impl Open {
    /// What is open for this shipper.
    pub async fn of(cx: &Context<Booking>, shipper: &str) -> Result<Self, Error> {
        let on_credit = cx.state.table.sum(&credit_tally(&cx.tenant, shipper)).await?;
        let summary = cx.state.table.get::<SummaryRecord>(&cx.tenant, shipper).await?;
        Ok(Self { on_credit, unlimited: summary.map_or(0, |summary| summary.value.unlimited_amount) })
    }

    /// All of it.
    pub fn amount(self) -> i64 {
        self.on_credit.saturating_add(self.unlimited)
    }
}

/// A booking's price on its shipper's credit; nothing where there is no limit.
#[derive(Debug, Default)]
pub struct Charge {
    pub standing: Option<CreditStanding>,
    within: Option<Within>,
    over: Option<(Option<Stored<CreditRecord>>, CreditRecord)>,
}

/// The tally, what is added to it, and what it may come to.
#[derive(Debug)]
struct Within {
    tally: Tally,
    amount: i64,
    ceiling: i64,
}

impl Charge {
    /// Puts an amount on the caller's credit, if it bears it.
    pub async fn of(cx: &Context<Booking>, amount: i64) -> Result<Self, Error> {
        let shipper = cx.principal.id();
        let credit = cx.state.config.get::<Credit>(&cx.tenant).await?;
        let Some(limit) = credit.limit_of(shipper) else { return Ok(Self::default()) };
        let open = Open::of(cx, shipper).await?;
        let mut read = None;
        if open.amount().saturating_add(amount) > limit {
            read = cx.state.table.get::<CreditRecord>(&cx.tenant, shipper).await?;
        }

        let over_since = read.as_ref().filter(|_| open.amount() > limit).map_or(&cx.now, |read| &read.value.over_since);
        let verdict = credit.verdict(limit, open.amount(), amount, over_since, &cx.now)?;
        let known = read.as_ref().is_some_and(|read| read.value.over_since == *over_since);
        let over = (verdict.standing == Some(CreditStanding::Grace) && !known).then(|| {
            let over_since = over_since.clone();
            CreditRecord { tenant: cx.tenant.clone(), shipper_id: shipper.to_owned(), over_since }
        });
        let tally = credit_tally(&cx.tenant, shipper);
        let ceiling = verdict.ceiling.saturating_sub(open.unlimited);
        Ok(Self {
            standing: verdict.standing,
            within: Some(Within { tally, amount, ceiling }),
            over: over.map(|over| (read, over)),
        })
    }

    /// Whether the booking stands on the credit.
    pub fn on_credit(&self) -> bool {
        self.within.is_some()
    }

    /// Writes it together with the booking.
    pub fn write<'a>(&self, change: Transaction<'a>) -> Transaction<'a> {
        let change = match &self.within {
            Some(Within { tally, amount, ceiling }) => change.add_within(tally, *amount, *ceiling, INSUFFICIENT_CREDIT),
            None => change,
        };
        match &self.over {
            Some((read, over)) => change.upsert(read.as_ref(), over),
            None => change,
        }
    }
}

/// What the credit says of a booking: how it stands, and what may be open at most, whoever else books meanwhile.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    standing: Option<CreditStanding>,
    ceiling: i64,
}

impl Credit {
    /// What a shipper's open bookings may cost together; `None` when there is no limit.
    pub fn limit_of(&self, shipper: &str) -> Option<i64> {
        self.shippers.get(shipper).map_or(self.limit_amount, |own| own.limit_amount)
    }

    /// Whether `amount` fits beside what is open, for a shipper who is over the limit since `over_since`, or is now.
    fn verdict(
        &self,
        limit: i64,
        open: i64,
        amount: i64,
        over_since: &Timestamp,
        now: &Timestamp,
    ) -> Result<Verdict, Error> {
        const HOUR: i64 = 3600;
        const BASIS: i128 = 10_000;
        let part = |points: i64| i64::try_from(i128::from(limit) * i128::from(points) / BASIS).unwrap_or(i64::MAX);
        let in_grace = now.unix_seconds() - over_since.unix_seconds() < self.grace_hours * HOUR;
        let ceiling = if in_grace { part(self.block_basis_points) } else { limit };
        let after = open.saturating_add(amount);
        if after > ceiling {
            return Err(INSUFFICIENT_CREDIT.with(serde_json::json!({ "openAmount": open, "limitAmount": limit })));
        }
        let standing = if after > limit {
            Some(CreditStanding::Grace)
        } else if after > part(self.warning_basis_points) {
            Some(CreditStanding::Warning)
        } else {
            None
        };
        Ok(Verdict { standing, ceiling })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit() -> Credit {
        Credit {
            limit_amount: Some(1_000),
            warning_basis_points: 8_000,
            block_basis_points: 11_000,
            grace_hours: 72,
            shippers: [("big".to_owned(), ShipperCredit { limit_amount: None })].into(),
        }
    }

    fn after(open: i64, amount: i64, hours_over: i64) -> Result<Option<CreditStanding>, &'static str> {
        let at = |hours: i64| Timestamp::from_unix_millis(1_800_000_000_000 + hours * 3_600_000);
        let verdict = credit().verdict(1_000, open, amount, &at(0), &at(hours_over));
        verdict.map(|verdict| verdict.standing).map_err(|error| error.code())
    }

    #[test]
    fn credit_warns_then_lets_pass_for_a_while_then_blocks() {
        assert_eq!(after(0, 800, 0), Ok(None));
        assert_eq!(after(0, 801, 0), Ok(Some(CreditStanding::Warning)));
        assert_eq!(after(500, 500, 0), Ok(Some(CreditStanding::Warning)));
        assert_eq!(after(500, 501, 0), Ok(Some(CreditStanding::Grace)));
        assert_eq!(after(1_000, 100, 0), Ok(Some(CreditStanding::Grace)));
        assert_eq!(after(1_000, 101, 0), Err("INSUFFICIENT_CREDIT"));
        assert_eq!(after(i64::MAX, i64::MAX, 0), Err("INSUFFICIENT_CREDIT"));
    }

    #[test]
    fn when_the_grace_is_over_the_limit_blocks() {
        assert_eq!(after(1_010, 1, 71), Ok(Some(CreditStanding::Grace)));
        assert_eq!(after(1_010, 1, 72), Err("INSUFFICIENT_CREDIT"));
        assert_eq!(after(990, 10, 72), Ok(Some(CreditStanding::Warning)));
    }

    #[test]
    fn a_shippers_own_limit_stands_before_the_general_one() {
        assert_eq!(credit().limit_of("big"), None);
        assert_eq!(credit().limit_of("anybody"), Some(1_000));
    }
}
