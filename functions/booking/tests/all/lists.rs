//! GET /booking/v1/bookings: by status, by shipper, by time, and for each party its own.

use policy::Role;
use serde_json::json;
use testing::{Caller, World};

use crate::journey::{assign, cancel, confirm, driver, reschedule, vehicle};
use crate::vehicles::{admin, fleet_owner};
use crate::{book, shipper, world};

/// The ids on all pages of a list, two at a time; every page but the last is full.
async fn listed(world: &World, caller: &Caller, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/booking/v1/bookings?pageSize=2{query}{cursor}");
        let page = world.ask("GET", &path).by(caller).send().await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let bookings = page.body["data"].as_array().expect("a page");
        ids.extend(bookings.iter().map(|booking| booking["bookingId"].as_str().expect("an id").to_owned()));
        let Some(next) = page.body["pagination"]["nextCursor"].as_str() else { return ids };
        assert_eq!(bookings.len(), 2, "{path}");
        cursor = format!("&cursor={next}");
    }
}

/// So many bookings of this caller, newest first, a second apart.
async fn several(world: &World, caller: &Caller, count: usize) -> Vec<String> {
    let mut booked = Vec::new();
    for _ in 0..count {
        booked.insert(0, book(world, caller).await);
        world.advance(1);
    }
    booked
}

#[tokio::test]
async fn a_booking_stands_in_the_list_of_its_status_and_in_no_other() {
    let world = world().await;
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);
    let booked = several(&world, &shipper(&world), 5).await;
    let others = several(&world, &second, 2).await;
    for booking in &booked[..3] {
        confirm(&world, booking).await;
    }
    cancel(&world, &shipper(&world), &booked[0]).await;

    let (shipper, admin) = (shipper(&world), admin(&world));
    assert_eq!(listed(&world, &admin, "&status=created").await, [&others[..], &booked[3..]].concat());
    assert_eq!(listed(&world, &admin, "&status=confirmed").await, booked[1..3]);
    assert_eq!(listed(&world, &admin, "&status=cancelled").await, booked[..1]);
    assert_eq!(listed(&world, &admin, "&status=completed").await, Vec::<String>::new());
    assert_eq!(listed(&world, &shipper, "&status=created").await, booked[3..]);
    assert_eq!(listed(&world, &shipper, "").await, booked);
    assert_eq!(listed(&world, &second, "&status=created").await, others);
    assert_eq!(listed(&world, &second, "&status=confirmed").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_administrator_lists_one_shippers_bookings_and_others_only_their_own() {
    let world = world().await;
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);
    let booked = several(&world, &shipper(&world), 3).await;
    several(&world, &second, 1).await;
    confirm(&world, &booked[1]).await;

    let admin = admin(&world);
    assert_eq!(listed(&world, &admin, "&shipperId=acme-shipper").await, booked);
    assert_eq!(listed(&world, &admin, "&shipperId=acme-shipper&status=confirmed").await, booked[1..2]);
    assert_eq!(listed(&world, &shipper(&world), "&shipperId=acme-shipper").await, booked);
    for caller in [&second, &fleet_owner(&world), &driver(&world)] {
        let asked = world.ask("GET", "/booking/v1/bookings?shipperId=acme-shipper").by(caller).send().await;
        assert_eq!((asked.status, asked.code()), (403, "FORBIDDEN"));
    }
    let elsewhere = world.caller("other", Role::TenantAdmin);
    assert_eq!(listed(&world, &elsewhere, "&shipperId=acme-shipper").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_stretch_of_time_holds_what_was_booked_from_its_beginning_to_before_its_end() {
    let world = world().await;
    let booked = several(&world, &shipper(&world), 5).await;
    confirm(&world, &booked[2]).await;
    let (shipper, admin) = (shipper(&world), admin(&world));
    let at = |seconds: i64| world.in_seconds(seconds);

    for caller in [&shipper, &admin] {
        assert_eq!(listed(&world, caller, &format!("&createdFrom={}", at(-3))).await, booked[..3]);
        assert_eq!(listed(&world, caller, &format!("&createdBefore={}", at(-3))).await, booked[3..]);
        let both = format!("&createdFrom={}&createdBefore={}", at(-4), at(-1));
        assert_eq!(listed(&world, caller, &both).await, booked[1..4]);
        assert_eq!(listed(&world, caller, &format!("{both}&status=confirmed")).await, booked[2..3]);
        let backwards = format!("&createdFrom={}&createdBefore={}", at(-1), at(-4));
        assert_eq!(listed(&world, caller, &backwards).await, Vec::<String>::new());
    }
    for extreme in ["0000-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"] {
        assert_eq!(listed(&world, &admin, &format!("&createdFrom={extreme}")).await.len() % 5, 0);
    }
}

#[tokio::test]
async fn a_cursor_is_good_only_for_the_list_it_came_from() {
    let world = world().await;
    several(&world, &shipper(&world), 3).await;
    let admin = admin(&world);
    let page = world.ask("GET", "/booking/v1/bookings?pageSize=1&status=created").by(&admin).send().await;
    let cursor = page.body["pagination"]["nextCursor"].as_str().expect("a cursor").to_owned();
    let from = world.in_seconds(-60);
    let read_on = async |query: &str| {
        world.ask("GET", &format!("/booking/v1/bookings?cursor={cursor}{query}")).by(&admin).send().await.status
    };

    assert_eq!(read_on("&status=created").await, 200);
    assert_eq!(read_on("").await, 400);
    assert_eq!(read_on("&status=confirmed").await, 400);
    assert_eq!(read_on("&status=created&shipperId=acme-shipper").await, 400);
    assert_eq!(read_on(&format!("&status=created&createdFrom={from}")).await, 400);
}

#[tokio::test]
async fn fleet_owners_and_drivers_see_exactly_what_is_assigned_to_them() {
    let world = world().await;
    let booked = several(&world, &shipper(&world), 3).await;
    let [first, second] = [vehicle(&world, "TS05AB0001").await, vehicle(&world, "TS05AB0002").await];
    let (owner, own_driver) = (fleet_owner(&world), driver(&world));
    let other_owner = world.caller_named("acme", "acme-second-owner", &[Role::FleetOwner]);
    let other_driver = world.caller_named("acme", "acme-second-driver", &[Role::Driver]);
    for booking in &booked {
        confirm(&world, booking).await;
    }
    assert_eq!(listed(&world, &owner, "").await, Vec::<String>::new());

    assign(&world, &booked[0], &first).await;
    assign(&world, &booked[2], &second).await;

    for caller in [&owner, &own_driver] {
        assert_eq!(listed(&world, caller, "").await, [booked[0].clone(), booked[2].clone()]);
        assert_eq!(listed(&world, caller, "&status=assigned").await.len(), 2);
        assert_eq!(listed(&world, caller, "&status=confirmed").await, Vec::<String>::new());
        for (booking, status) in [(&booked[0], 200), (&booked[1], 404)] {
            for part in ["", "/history"] {
                let path = format!("/booking/v1/bookings/{booking}{part}");
                assert_eq!(world.ask("GET", &path).by(caller).send().await.status, status, "{path}");
            }
        }
    }
    for caller in [&other_owner, &other_driver] {
        assert_eq!(listed(&world, caller, "").await, Vec::<String>::new());
        let path = format!("/booking/v1/bookings/{}", booked[0]);
        assert_eq!(world.ask("GET", &path).by(caller).send().await.code(), "BOOKING_NOT_FOUND");
    }
    cancel(&world, &shipper(&world), &booked[0]).await;
    reschedule(&world, &shipper(&world), &booked[2], 40 * 3_600).await;
    for caller in [&owner, &own_driver] {
        assert_eq!(listed(&world, caller, "").await, booked[..1], "a moved booking is nobody's trip");
        assert_eq!(listed(&world, caller, "&status=cancelled").await, booked[..1]);
        assert_eq!(listed(&world, caller, "&status=assigned").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn somebody_who_is_several_things_says_as_what_they_ask() {
    let world = world().await;
    let roles = [Role::Shipper, Role::FleetOwner, Role::Driver];
    let person = world.caller_named("acme", "acme-fleet_owner", &roles);
    let own = book(&world, &person).await;
    world.advance(1);
    let carried = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &carried).await;
    assign(&world, &carried, &truck).await;

    assert_eq!(listed(&world, &person, "").await, std::slice::from_ref(&own));
    assert_eq!(listed(&world, &person, "&as=shipper").await, [own]);
    assert_eq!(listed(&world, &person, "&as=fleet_owner").await, [carried]);
    assert_eq!(listed(&world, &person, "&as=driver").await, Vec::<String>::new());
    let asked = world.ask("GET", "/booking/v1/bookings?as=fleet_owner").by(&shipper(&world)).send().await;
    assert_eq!((asked.status, asked.code()), (403, "FORBIDDEN"));
}

#[tokio::test]
async fn a_query_that_says_nothing_known_is_refused_with_every_issue() {
    let world = world().await;
    let path = "/booking/v1/bookings?status=lost&createdFrom=yesterday&as=pilot&colour=red";

    let answer = world.ask("GET", path).by(&admin(&world)).send().await;

    let issues = answer.body["error"]["details"]["issues"].as_array().expect("issues").clone();
    let mut places: Vec<_> = issues.iter().map(|issue| issue["pointer"].clone()).collect();
    places.dedup();
    assert_eq!(places, [json!("/as"), json!("/colour"), json!("/createdFrom"), json!("/status")]);
}
