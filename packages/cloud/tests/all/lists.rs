//! Further lists of a record, and stretches of a list.

use cloud::{Entity, Listing, Stored, Stretch};
use operation::NoContent;
use serde::{Deserialize, Serialize};
use validation::types::{PageQuery, Timestamp};

use crate::{EXISTS, Fixture, call, fixture, note};

/// A record that stands in lists by colour, and by shelf once it is put on one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Jar {
    id: String,
    order: String,
    colour: String,
    shelf: Option<String>,
}

impl Entity for Jar {
    const KIND: &'static str = "jar";

    fn tenant(&self) -> &str {
        "acme"
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.order.clone()
    }

    fn lists(&self) -> Vec<[String; 2]> {
        let colour = [format!("colour#{}", self.colour), format!("pale#{}", self.colour)];
        let shelf = self.shelf.iter().map(|shelf| [format!("shelf#{shelf}"), format!("upper#{shelf}")]);
        [colour].into_iter().chain(shelf).collect()
    }
}

async fn create(fixture: &Fixture, id: &str, order: &str, colour: &str, shelf: Option<&str>) -> Jar {
    let jar = Jar { id: id.into(), order: order.into(), colour: colour.into(), shelf: shelf.map(str::to_owned) };
    fixture.table.transaction(&call(None)).create(&jar, EXISTS).commit(&NoContent).await.expect("a new jar");
    jar
}

async fn stored(fixture: &Fixture, id: &str) -> Stored<Jar> {
    fixture.table.get::<Jar>("acme", id).await.expect("a table").expect("a jar")
}

async fn ids(fixture: &Fixture, listing: Listing<'_>, stretch: &Stretch) -> Vec<String> {
    let mut query = PageQuery { page_size: Some(2), cursor: None };
    let mut ids = Vec::new();
    loop {
        let page = fixture.table.list_between::<Jar>("acme", listing, stretch, &query).await.expect("a page");
        ids.extend(page.data.into_iter().map(|jar| jar.id));
        query.cursor = page.pagination.next_cursor;
        if query.cursor.is_none() {
            return ids;
        }
    }
}

async fn all(fixture: &Fixture, listing: Listing<'_>) -> Vec<String> {
    ids(fixture, listing, &Stretch::default()).await
}

#[tokio::test]
async fn a_record_stands_in_its_further_lists_and_moves_between_them_when_it_changes() {
    let fixture = fixture().await;
    for (id, order) in [("j1", "1"), ("j2", "2"), ("j3", "3")] {
        create(&fixture, id, order, "red", Some("top")).await;
    }
    assert_eq!(all(&fixture, Listing::First("colour#red")).await, ["j3", "j2", "j1"]);
    assert_eq!(all(&fixture, Listing::Second("upper#top")).await, ["j3", "j2", "j1"]);

    let read = stored(&fixture, "j2").await;
    let green = Jar { colour: "green".into(), ..read.value.clone() };
    fixture.table.transaction(&call(None)).update(&read, &green).commit(&NoContent).await.unwrap();

    assert_eq!(all(&fixture, Listing::First("colour#red")).await, ["j3", "j1"]);
    assert_eq!(all(&fixture, Listing::Second("pale#green")).await, ["j2"]);
    assert_eq!(all(&fixture, Listing::First("shelf#top")).await, ["j3", "j2", "j1"]);
    assert_eq!(all(&fixture, Listing::All).await, ["j3", "j2", "j1"], "no copy stands in the list of all");
    let page = fixture.table.list::<Jar>("acme", Listing::Second("pale#green"), &PageQuery::default()).await.unwrap();
    assert_eq!(page.data, [green], "a copy is the record as it is");
}

#[tokio::test]
async fn a_record_that_leaves_lists_leaves_nothing_in_them() {
    let fixture = fixture().await;
    for (id, order) in [("j1", "1"), ("j2", "2"), ("j3", "3")] {
        create(&fixture, id, order, "red", Some("top")).await;
    }

    let read = stored(&fixture, "j1").await;
    let down = Jar { shelf: None, ..read.value.clone() };
    fixture.table.transaction(&call(None)).update(&read, &down).commit(&NoContent).await.unwrap();
    let read = stored(&fixture, "j2").await;
    fixture.table.transaction(&call(None)).remove(&read).commit(&NoContent).await.unwrap();
    assert_eq!(all(&fixture, Listing::First("shelf#top")).await, ["j3"]);
    assert_eq!(all(&fixture, Listing::First("colour#red")).await, ["j3", "j1"]);
    let read = stored(&fixture, "j3").await;
    fixture.table.transaction(&call(None)).erase(&read).commit(&NoContent).await.unwrap();
    assert_eq!(all(&fixture, Listing::First("shelf#top")).await, Vec::<String>::new());
    assert_eq!(all(&fixture, Listing::Second("pale#red")).await, ["j1"]);
}

#[tokio::test]
async fn a_change_that_is_lost_moves_nothing() {
    let fixture = fixture().await;
    create(&fixture, "j1", "1", "red", None).await;
    let read = stored(&fixture, "j1").await;
    let painted = |colour: &str| Jar { colour: colour.into(), ..read.value.clone() };
    fixture.table.transaction(&call(None)).update(&read, &painted("green")).commit(&NoContent).await.unwrap();

    let lost = fixture.table.transaction(&call(None)).update(&read, &painted("blue")).commit(&NoContent).await;

    assert_eq!(lost.unwrap_err().code(), "CONFLICT");
    assert_eq!(all(&fixture, Listing::First("colour#green")).await, ["j1"]);
    assert_eq!(all(&fixture, Listing::First("colour#blue")).await, Vec::<String>::new());
}

#[tokio::test]
async fn times_are_newest_first_whatever_digits_their_fractions_end_with() {
    let fixture = fixture().await;
    for (id, millis) in [("a", 0), ("b", 9), ("c", 100), ("d", 120), ("e", 123), ("f", 1_000), ("g", 1_001)] {
        create(&fixture, id, &Timestamp::from_unix_millis(1_700_000_000_000 + millis).sortable(), "red", None).await;
    }

    assert_eq!(all(&fixture, Listing::All).await, ["g", "f", "e", "d", "c", "b", "a"]);
}

#[tokio::test]
async fn a_stretch_is_read_from_its_beginning_to_before_its_end_on_every_page() {
    let fixture = fixture().await;
    for n in 1..=7 {
        create(&fixture, &format!("j{n}"), &n.to_string(), "red", None).await;
    }
    let stretch = |from: Option<&str>, before: Option<&str>| Stretch {
        from: from.map(str::to_owned),
        before: before.map(str::to_owned),
    };

    for listing in [Listing::All, Listing::First("colour#red"), Listing::Second("pale#red")] {
        let read = async |from, before| ids(&fixture, listing, &stretch(from, before)).await;
        assert_eq!(read(Some("3"), Some("6")).await, ["j5", "j4", "j3"]);
        assert_eq!(read(Some("5"), None).await, ["j7", "j6", "j5"]);
        assert_eq!(read(None, Some("4")).await, ["j3", "j2", "j1"]);
        assert_eq!(read(Some("4"), Some("4")).await, Vec::<String>::new());
        assert_eq!(read(Some("6"), Some("3")).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_cursor_of_one_stretch_or_list_is_refused_by_another() {
    let fixture = fixture().await;
    for n in 1..=4 {
        create(&fixture, &format!("j{n}"), &n.to_string(), "red", None).await;
    }
    let from = |from: &str| Stretch { from: Some(from.to_owned()), before: None };
    let first = PageQuery { page_size: Some(1), cursor: None };
    let page = fixture.table.list_between::<Jar>("acme", Listing::First("colour#red"), &from("2"), &first).await;
    let query = PageQuery { page_size: Some(1), cursor: page.unwrap().pagination.next_cursor };

    let read_on = async |listing, stretch: Stretch| {
        fixture.table.list_between::<Jar>("acme", listing, &stretch, &query).await.map(|page| page.data.len())
    };
    assert_eq!(read_on(Listing::First("colour#red"), from("2")).await.unwrap(), 1);
    for (listing, stretch) in [
        (Listing::First("colour#red"), from("3")),
        (Listing::First("colour#red"), Stretch::default()),
        (Listing::First("colour#red"), Stretch { from: None, before: Some("2".into()) }),
        (Listing::Second("pale#red"), from("2")),
        (Listing::All, from("2")),
    ] {
        assert_eq!(read_on(listing, stretch).await.unwrap_err().code(), "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn records_that_stand_in_no_further_list_have_no_copies() {
    let fixture = fixture().await;
    fixture.table.transaction(&call(None)).create(&note("acme", "n1", 1), EXISTS).commit(&NoContent).await.unwrap();

    assert_eq!(fixture.items().await.len(), 2, "the record and its audit entry");
}

/// A parcel that stands apart by where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Parcel {
    id: String,
    status: String,
    owner: String,
}

impl Entity for Parcel {
    const KIND: &'static str = "parcel";
    const STATUSES: &'static [&'static str] = &["posted", "sorted", "delivered"];

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

    fn status(&self) -> Option<&'static str> {
        Self::STATUSES.iter().copied().find(|status| *status == self.status)
    }
}

async fn parcels(fixture: &Fixture, listing: Listing<'_>, stretch: &Stretch, size: u32) -> Vec<String> {
    let mut query = PageQuery { page_size: Some(size), cursor: None };
    let mut ids = Vec::new();
    loop {
        let page = fixture.table.list_between::<Parcel>("acme", listing, stretch, &query).await.expect("a page");
        assert!(page.data.len() <= size as usize);
        ids.extend(page.data.into_iter().map(|parcel| parcel.id));
        query.cursor = page.pagination.next_cursor;
        if query.cursor.is_none() {
            return ids;
        }
    }
}

#[tokio::test]
async fn a_list_of_all_statuses_is_in_order_and_whole_whatever_the_size_of_its_pages() {
    let fixture = fixture().await;
    let names: Vec<String> = (0..23).map(|n| format!("p{n:02}")).collect();
    for (n, id) in names.iter().enumerate() {
        // Long runs in one status, and scattered ones.
        let status = if n < 9 { "posted" } else { Parcel::STATUSES[n * n % 3] };
        let owner = if n % 4 == 0 { "u1" } else { "u2" };
        let parcel = Parcel { id: id.clone(), status: status.into(), owner: owner.into() };
        fixture.table.transaction(&call(None)).create(&parcel, EXISTS).commit(&NoContent).await.expect("a new parcel");
    }
    let newest_first: Vec<String> = names.iter().rev().cloned().collect();
    let fourth: Vec<String> = names.iter().step_by(4).rev().cloned().collect();

    for size in [1, 2, 3, 7, 100] {
        assert_eq!(parcels(&fixture, Listing::All, &Stretch::default(), size).await, newest_first, "{size}");
        assert_eq!(parcels(&fixture, Listing::Owner("u1"), &Stretch::default(), size).await, fourth, "{size}");
        let middle = Stretch { from: Some("p05".into()), before: Some("p12".into()) };
        assert_eq!(parcels(&fixture, Listing::All, &middle, size).await, newest_first[11..18], "{size}");
    }
    let mut apart = Vec::new();
    for status in Parcel::STATUSES {
        apart.extend(parcels(&fixture, Listing::Status(status), &Stretch::default(), 4).await);
        let own = parcels(&fixture, Listing::OwnerStatus("u1", status), &Stretch::default(), 4).await;
        assert!(own.iter().all(|id| apart.contains(id) && fourth.contains(id)), "{status}: {own:?}");
    }
    apart.sort();
    assert_eq!(apart, names);
}

#[tokio::test]
async fn a_record_that_changes_its_status_leaves_the_list_of_the_one_before() {
    let fixture = fixture().await;
    let parcel = Parcel { id: "p1".into(), status: "posted".into(), owner: "u1".into() };
    fixture.table.transaction(&call(None)).create(&parcel, EXISTS).commit(&NoContent).await.unwrap();
    let read = fixture.table.get::<Parcel>("acme", "p1").await.unwrap().unwrap();
    let delivered = Parcel { status: "delivered".into(), ..parcel };
    fixture.table.transaction(&call(None)).update(&read, &delivered).commit(&NoContent).await.unwrap();

    let whole = Stretch::default();
    assert_eq!(parcels(&fixture, Listing::Status("posted"), &whole, 5).await, Vec::<String>::new());
    assert_eq!(parcels(&fixture, Listing::OwnerStatus("u1", "delivered"), &whole, 5).await, ["p1"]);
    assert_eq!(parcels(&fixture, Listing::All, &whole, 5).await, ["p1"]);
}
