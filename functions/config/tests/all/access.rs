//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;

use testing::World;
use testing::access::{Cast, Owner, matrix};

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

    fn has_owners(&self, parameter: &str) -> bool {
        !["document", "number", "tenant"].contains(&parameter)
    }

    async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String> {
        match parameter {
            "document" => Some("global.security.cors".to_owned()),
            "number" => Some("1".to_owned()),
            "tenant" => Some(owner.tenant().to_owned()),
            _ => panic!("no record is made for the path parameter {parameter}"),
        }
    }
}
