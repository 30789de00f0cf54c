//! Every collection that callers make things in: made, read, listed, changed, taken away, gone.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{World, call, token};

/// What is done to one thing: where it is made, what with, the pointer to its id, and where it is changed and removed.
struct Walk {
    make: (&'static str, Value),
    id: &'static str,
    /// Where one is read; lists alone show the others.
    read: Option<&'static str>,
    list: &'static str,
    listed: &'static str,
    change: Option<(Method, &'static str, Value)>,
    /// Where it is taken away, if it ever is.
    remove: Option<&'static str>,
}

fn walks() -> Vec<Walk> {
    let permit = json!({ "kind": "goods_carriage", "number": "GC-1", "expiresAt": "2028-01-01T00:00:00Z" });
    let position = json!({ "lat": 17.05, "lng": 79.27 });
    vec![
        Walk {
            make: (
                "/booking/v1/vehicles",
                json!({ "registrationNumber": "TS09UB4071", "vehicleClass": "heavy", "capacityTonnes": 13,
                        "permits": [permit], "position": position, "fleetOwnerId": "fatima" }),
            ),
            id: "/data/vehicleId",
            read: Some("/booking/v1/vehicles/{id}"),
            list: "/booking/v1/vehicles",
            listed: "/data/0/vehicleId",
            change: Some((Method::PUT, "/booking/v1/vehicles/{id}/availability", json!({ "available": false }))),
            remove: None,
        },
        Walk {
            make: (
                "/booking/v1/contracts",
                json!({ "shipperId": "sam", "terms": { "volumeBased": { "tiers": [{ "fromTonnes": 1, "discountBasisPoints": 500 }] } },
                        "startsAt": "2027-01-01T00:00:00Z", "endsAt": "2027-12-31T00:00:00Z" }),
            ),
            id: "/data/contractId",
            read: Some("/booking/v1/contracts/{id}"),
            list: "/booking/v1/contracts",
            listed: "/data/0/contractId",
            change: Some((
                Method::POST,
                "/booking/v1/contracts/{id}/termination",
                json!({ "reason": "the road is closed" }),
            )),
            remove: None,
        },
        Walk {
            make: (
                "/auth/v1/roles",
                json!({ "name": "clerk", "description": "Reads bookings", "permissions": ["booking:read"] }),
            ),
            id: "/data/name",
            read: None,
            list: "/auth/v1/roles",
            listed: "/data/own/0/name",
            change: Some((
                Method::PUT,
                "/auth/v1/roles/{id}",
                json!({ "description": "Reads more", "permissions": ["fleet:read"] }),
            )),
            remove: Some("/auth/v1/roles/{id}"),
        },
        Walk {
            make: ("/auth/v1/invitations", json!({ "email": "new@acme.example", "roles": ["shipper"] })),
            id: "/data/invitationId",
            read: None,
            list: "/auth/v1/invitations",
            listed: "/data/0/invitationId",
            change: None,
            remove: Some("/auth/v1/invitations/{id}"),
        },
        Walk {
            make: ("/auth/v1/clients", json!({ "name": "A program", "roles": ["shipper"] })),
            id: "/data/client/clientId",
            read: None,
            list: "/auth/v1/clients",
            listed: "/data/0/clientId",
            change: Some((Method::POST, "/auth/v1/clients/{id}/secrets", Value::Null)),
            remove: Some("/auth/v1/clients/{id}"),
        },
    ]
}

#[tokio::test]
async fn what_is_made_is_read_and_listed_and_changed_and_then_gone() {
    let world = World::start();
    let admin = token("acme", "ada", &["tenant_admin"]);

    for walk in walks() {
        let (path, body) = walk.make;
        let (status, made) = world.post(path, &admin, body).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {made}");
        let id = made.pointer(walk.id).and_then(Value::as_str).unwrap().to_owned();
        let at = |path: &str| path.replace("{id}", &id);
        if let Some(read) = walk.read {
            assert_eq!(world.get(&at(read), &admin).await.1, made, "{path}");
        }
        let (_, listed) = world.get(walk.list, &admin).await;
        assert_eq!(listed.pointer(walk.listed), Some(&json!(id)), "{path}: {listed}");
        if let Some((method, change, body)) = walk.change {
            let body = (!body.is_null()).then_some(body);
            let (status, changed) = world.send(call(method, &at(change), &admin, body)).await;
            assert!(status.is_success(), "{change}: {changed}");
        }
        if let Some(remove) = walk.remove {
            assert_eq!(world.send(call(Method::DELETE, &at(remove), &admin, None)).await.0, 204, "{remove}");
            let (_, listed) = world.get(walk.list, &admin).await;
            assert_eq!(listed.pointer(walk.listed), None, "{path}: {listed}");
            assert_eq!(world.send(call(Method::DELETE, &at(remove), &admin, None)).await.0, 404, "{remove}");
        }
    }
}

#[tokio::test]
async fn a_tenants_document_lies_over_the_platforms_until_it_is_deleted() {
    let world = World::start();
    let admin = token("acme", "ada", &["tenant_admin"]);
    let path = "/config/v1/documents/services.booking.mock.business.rules";
    let changed = |method: Method, path: String, version: &str, body: Option<Value>| {
        let mut request = call(method, &path, &admin, body);
        request.headers_mut().insert("if-match", format!("\"{version}\"").parse().unwrap());
        request
    };

    let body = json!({ "value": { "maximumTonnes": 10 }, "reason": "our trucks are small" });
    let (status, written) = world.send(changed(Method::PUT, path.into(), "1-0", Some(body.clone()))).await;
    assert_eq!((status.as_u16(), &written["data"]["version"]), (200, &json!("1-1")), "{written}");
    assert_eq!(world.send(changed(Method::PUT, path.into(), "1-0", Some(body))).await.0, 409);
    let shipper = token("acme", "sam", &["shipper"]);
    let (status, refused) = world.post("/booking/v1/quotes", &shipper, crate::booking::freight()).await;
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (422, &json!("TOO_HEAVY")));

    let gone = format!("{path}?reason=our%20trucks%20have%20grown");
    let (status, deleted) = world.send(changed(Method::DELETE, gone.clone(), "1-1", None)).await;
    assert_eq!(status, 200, "{deleted}");
    assert_eq!(world.send(changed(Method::DELETE, gone, "1-2", None)).await.0, 404);
    assert_eq!(world.post("/booking/v1/quotes", &shipper, crate::booking::freight()).await.0, 201);
}

#[tokio::test]
async fn a_cursor_of_nothing_is_refused_where_an_expression_takes_the_page() {
    let world = World::start();
    let admin = token("acme", "ada", &["tenant_admin"]);

    let (status, refused) = world.get("/auth/v1/roles?cursor=bm9uZQ", &admin).await;

    assert_eq!((status.as_u16(), &refused["error"]["details"]["issues"][0]["pointer"]), (400, &json!("/cursor")));
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_its_cursor_is_good_for_nothing_else() {
    let world = World::start();
    let shipper = token("acme", "sam", &["shipper"]);
    let mut made = Vec::new();
    for _ in 0..5 {
        let (_, booked) =
            world.post("/booking/v1/bookings", &shipper, json!({ "freight": crate::booking::freight() })).await;
        made.insert(0, booked["data"]["bookingId"].clone());
    }

    let (mut seen, mut path) = (Vec::new(), "/booking/v1/bookings?pageSize=2".to_owned());
    let mut cursors = Vec::new();
    loop {
        let (status, page) = world.get(&path, &shipper).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["data"].as_array().unwrap().iter().map(|booking| booking["bookingId"].clone()));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
        cursors.push(cursor.to_owned());
        path = format!("/booking/v1/bookings?pageSize=2&cursor={cursor}");
    }
    assert_eq!(seen, made);
    let other = format!("/booking/v1/bookings?status=created&cursor={}", cursors[0]);
    let (status, refused) = world.get(&other, &shipper).await;
    assert_eq!((status.as_u16(), &refused["error"]["details"]["issues"][0]["pointer"]), (400, &json!("/cursor")));
    let stranger = token("acme", "sue", &["shipper"]);
    assert_eq!(world.get(&path, &stranger).await.0, 400);
}
