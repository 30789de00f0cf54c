//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;

use policy::Role;
use testing::World;
use testing::access::{Owner, matrix};

use crate::{book, world};

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.md");
    matrix(&world().await, &booking::service(), &file, record).await;
}

/// The id of a new record of this kind.
async fn record(world: &World, parameter: &str, owner: Owner<'_>) -> Option<String> {
    let owner = match owner {
        Owner::Caller(caller) => caller.clone(),
        Owner::SomebodyIn(tenant) => world.caller_named(tenant, "somebody", &[Role::Shipper]),
    };
    let roles = &owner.claims.as_ref()?.roles;
    let books = roles.iter().any(|role| ["shipper", "tenant_admin"].contains(&role.as_str()));
    match parameter {
        "bookingId" if books => Some(book(world, &owner).await),
        "bookingId" => None,
        _ => panic!("no record is made for the path parameter {parameter}"),
    }
}
