//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;

use testing::World;
use testing::access::{Cast, Owner, TENANTS, matrix};

use crate::{CORS, admin, world, write};

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.md");
    let world = world().await;
    let written = write(&world, &admin(&world), CORS, serde_json::json!({ "origins": ["https://app.example"] })).await;
    assert_eq!(written.status, 200, "{}", written.body);
    matrix(&Documents(world), &config::service(), &file).await;
}

/// Documents have the same names in every tenant: whose they are is said by the token alone.
struct Documents(World);

impl Cast for Documents {
    fn world(&self) -> &World {
        &self.0
    }

    fn has_owners(&self) -> bool {
        false
    }

    async fn record(&self, parameter: &str, _: Owner<'_>) -> Option<String> {
        let value = match parameter {
            "tenant" => TENANTS[0],
            "document" => "global.security.cors",
            "number" => "1",
            unknown => panic!("no record is made for the path parameter {unknown}"),
        };
        Some(value.to_owned())
    }
}
