//! Writes the declared operations of every service, and how long their functions may run, as constants, from the
//! published manifest: the Worker knows what others answer without linking them.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

const MANIFEST: &str = "../../contracts/published/manifest.json";
/// What is read here is the same in every enver.
const ENVER: &str = "dev";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={MANIFEST}");
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(MANIFEST)?)?;
    let services = manifest["envers"][ENVER]["services"].as_object().ok_or("the manifest names no services")?;
    let mut code = String::from("&[\n");
    for (name, facts) in services {
        writeln!(code, "    ({name:?}, &[")?;
        for operation in facts["operations"].as_array().ok_or("a service has no operations")? {
            writeln!(code, "        {},", declaration(operation)?)?;
        }
        code.push_str("    ]),\n");
    }
    code.push_str("]\n");
    let seconds = &manifest["envers"][ENVER]["deployment"]["function"]["timeoutSeconds"];
    let seconds = seconds.as_u64().ok_or("the manifest does not say how long a function may run")?;
    // enver:allow(environment-variable) Cargo's own, while it builds
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("declared.rs"), code)?;
    std::fs::write(Path::new(&out).join("seconds.rs"), seconds.to_string())?;
    Ok(())
}

/// The operation as a Rust expression.
fn declaration(operation: &Value) -> Result<String, Box<dyn Error>> {
    let text = |name: &str| operation[name].as_str().ok_or_else(|| format!("an operation has no {name}"));
    let (id, path) = (text("id")?, text("path")?);
    let start = text("method")?.to_lowercase();
    let dialect = match text("dialect")? {
        "enver" => "Enver",
        "oauth" => "OAuth",
        other => return Err(format!("{id} speaks {other}, which no pipeline does").into()),
    };
    Ok(format!("Declaration {{ dialect: Dialect::{dialect}, ..Declaration::{start}({id:?}, {path:?}) }}"))
}
