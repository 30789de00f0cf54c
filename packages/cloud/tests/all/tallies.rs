//! Sums that many calls add to.

use cloud::Tally;
use operation::NoContent;
use service_errors::{Kind, Refusal};

use crate::{EXISTS, Note, call, fixture, note};

const FULL: Refusal = Refusal::new(Kind::Conflict, "FULL", "No more goes in.");

#[tokio::test]
async fn two_who_add_at_the_same_moment_both_count() {
    let fixture = fixture().await;
    let (tally, call) = (Tally::new("acme", "t"), call(None));
    let add = |amount| fixture.table.transaction(&call).add(&tally, amount).commit(&NoContent);

    assert_eq!(fixture.table.sum(&tally).await.unwrap(), 0);
    let (one, other, third) = tokio::join!(add(5), add(7), add(-2));
    for added in [one, other, third] {
        added.unwrap();
    }

    assert_eq!(fixture.table.sum(&tally).await.unwrap(), 10);
    assert_eq!(fixture.table.sum(&Tally::new("other", "t")).await.unwrap(), 0);
}

#[tokio::test]
async fn a_sum_does_not_rise_above_its_ceiling_and_what_does_not_fit_leaves_nothing_behind() {
    let fixture = fixture().await;
    let (tally, call) = (Tally::new("acme", "t"), call(None));
    let add = |amount| {
        let change = fixture.table.transaction(&call).create(&note("acme", &format!("n{amount}"), 1), EXISTS);
        change.add_within(&tally, amount, 10, FULL).commit(&NoContent)
    };

    assert_eq!(add(11).await.unwrap_err().code(), "FULL");
    assert_eq!(add(i64::MAX).await.unwrap_err().code(), "FULL");
    let (one, other) = tokio::join!(add(6), add(7));
    assert!(one.is_ok() != other.is_ok());
    add(3).await.unwrap();

    assert!([9, 10].contains(&fixture.table.sum(&tally).await.unwrap()));
    assert!(fixture.table.get::<Note>("acme", "n11").await.unwrap().is_none());
}
