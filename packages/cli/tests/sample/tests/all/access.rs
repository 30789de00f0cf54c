//! Who may call what, asked over HTTP: `access.md`.

use std::path::Path;

use testing::World;
use testing::access::{Cast, Owner, matrix};

use crate::world;

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_nothing_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.md");
    matrix(&Company { world: world().await }, &sample::service(), &file).await;
}

/// Those who call, and what they have.
struct Company {
    world: World,
}

impl Cast for Company {
    fn world(&self) -> &World {
        &self.world
    }

    async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String> {
        match parameter {
            "sampleId" => match owner {
                Owner::Caller(_) => None,
                Owner::SomebodyIn(tenant) => Some(crate::samples::place(self.world(), tenant).await),
            },
            _ => panic!("no record is made for the path parameter {parameter}"),
        }
    }
}
