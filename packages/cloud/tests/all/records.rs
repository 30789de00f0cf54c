//! Reading records, one at a time and in pages.

use cloud::{Entity, Listing};
use operation::NoContent;
use serde::{Deserialize, Serialize};
use validation::types::PageQuery;

use crate::{EXISTS, Fixture, Note, call, fixture, note};

async fn create(fixture: &Fixture, note: &Note) {
    fixture.table.transaction(&call(None)).create(note, EXISTS).commit(&NoContent).await.expect("a new note");
}

#[tokio::test]
async fn a_record_reads_as_it_was_written_and_only_for_its_tenant() {
    let fixture = fixture().await;
    let written = note("acme", "n1", 1);
    create(&fixture, &written).await;

    let read = fixture.table.get::<Note>("acme", "n1").await.unwrap().unwrap();
    assert_eq!((read.value, read.version), (written, 1));
    assert!(fixture.table.get::<Note>("other", "n1").await.unwrap().is_none());
    assert!(fixture.table.get::<Note>("acme", "n2").await.unwrap().is_none());
}

#[tokio::test]
async fn two_records_are_read_at_once_whichever_of_them_is_there() {
    let fixture = fixture().await;
    let (written, errand) = (note("acme", "n1", 1), Errand { id: "n1".into(), owner: "u1".into() });
    create(&fixture, &written).await;
    fixture.table.transaction(&call(None)).create(&errand, EXISTS).commit(&NoContent).await.unwrap();
    let both = async |tenant, one, other| {
        let both = fixture.table.get_both::<Note, Errand>(tenant, one, other).await.unwrap();
        (both.0.map(|read| (read.value, read.version)), both.1.map(|read| read.value))
    };

    assert_eq!(both("acme", "n1", "n1").await, (Some((written.clone(), 1)), Some(errand.clone())));
    assert_eq!(both("acme", "n2", "n1").await, (None, Some(errand)));
    assert_eq!(both("other", "n1", "n1").await, (None, None));
    let read = fixture.table.get::<Note>("acme", "n1").await.unwrap().unwrap();
    fixture.table.transaction(&call(None)).remove(&read).commit(&NoContent).await.unwrap();
    assert_eq!(both("acme", "n1", "n2").await, (None, None), "what was removed is not there");
}

#[tokio::test]
async fn a_kind_that_is_listed_by_owner_alone_stands_in_no_other_list() {
    let fixture = fixture().await;
    let errand = Errand { id: "e1".into(), owner: "u1".into() };
    fixture.table.transaction(&call(None)).create(&errand, EXISTS).commit(&NoContent).await.unwrap();
    let list = async |listing| {
        fixture.table.list::<Errand>("acme", listing, &PageQuery::default()).await.map(|page| page.data)
    };

    assert_eq!(list(Listing::Owner("u1")).await.unwrap(), [errand]);
    assert!(list(Listing::Owner("u2")).await.unwrap().is_empty());
    assert!(list(Listing::All).await.is_err(), "a list that leaves everything out is a mistake");
    assert!(fixture.items().await.iter().all(|item| !item.contains_key("gsi1pk")));
}

/// A record of which nobody wants a list but its owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Errand {
    id: String,
    owner: String,
}

impl Entity for Errand {
    const KIND: &'static str = "errand";
    const LISTED_WHOLE: bool = false;

    fn tenant(&self) -> &str {
        "acme"
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.id.clone()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.owner)
    }
}

#[tokio::test]
async fn a_list_holds_a_tenants_records_newest_first_and_goes_on_where_its_cursor_says() {
    let fixture = fixture().await;
    for at in 1..=5 {
        create(&fixture, &note("acme", &format!("n{at}"), at)).await;
        create(&fixture, &note("other", &format!("o{at}"), at)).await;
    }
    let mut query = PageQuery { page_size: Some(2), cursor: None };
    let mut ids = Vec::new();
    loop {
        let page = fixture.table.list::<Note>("acme", Listing::All, &query).await.unwrap();
        assert!(page.data.len() <= 2);
        ids.extend(page.data.into_iter().map(|note| note.id));
        query.cursor = page.pagination.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }

    assert_eq!(ids, ["n5", "n4", "n3", "n2", "n1"]);
}

#[tokio::test]
async fn an_owners_list_holds_only_theirs() {
    let fixture = fixture().await;
    create(&fixture, &Note { owner: Some("u1".into()), ..note("acme", "n1", 1) }).await;
    create(&fixture, &Note { owner: Some("u2".into()), ..note("acme", "n2", 2) }).await;

    let page = fixture.table.list::<Note>("acme", Listing::Owner("u1"), &PageQuery::default()).await.unwrap();

    assert_eq!(page.data.into_iter().map(|note| note.id).collect::<Vec<_>>(), ["n1"]);
}

#[tokio::test]
async fn a_part_of_a_list_is_what_its_order_begins_with() {
    let fixture = fixture().await;
    for at in [9, 10, 11, 12, 20] {
        create(&fixture, &note("acme", &format!("n{at}"), at)).await;
    }
    create(&fixture, &note("other", "o10", 10)).await;

    let mut query = PageQuery { page_size: Some(2), cursor: None };
    let first = fixture.table.list::<Note>("acme", Listing::Ordered("001"), &query).await.unwrap();
    query.cursor = first.pagination.next_cursor;
    let second = fixture.table.list::<Note>("acme", Listing::Ordered("001"), &query).await.unwrap();

    let ids = [first.data, second.data].concat().into_iter().map(|note| note.id).collect::<Vec<_>>();
    assert_eq!(ids, ["n12", "n11", "n10"]);
    assert!(fixture.table.list::<Note>("acme", Listing::Ordered("002"), &query).await.is_err());
}

#[tokio::test]
async fn a_removed_record_reads_as_absent_stands_in_no_list_and_keeps_its_id() {
    let fixture = fixture().await;
    create(&fixture, &note("acme", "n1", 1)).await;
    let read = fixture.table.get::<Note>("acme", "n1").await.unwrap().unwrap();

    fixture.table.transaction(&call(None)).remove(&read).commit(&NoContent).await.unwrap();

    assert!(fixture.table.get::<Note>("acme", "n1").await.unwrap().is_none());
    let page = fixture.table.list::<Note>("acme", Listing::All, &PageQuery::default()).await.unwrap();
    assert!(page.data.is_empty());
    let call = call(None);
    let again = fixture.table.transaction(&call).create(&note("acme", "n1", 2), EXISTS);
    assert_eq!(again.commit(&NoContent).await.unwrap_err().code(), "NOTE_EXISTS");
}
