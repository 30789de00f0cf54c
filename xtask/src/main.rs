//! `cargo xtask test`: every check of the house, in one command, as continuous integration runs it.

use std::process::{Command, ExitCode};
use std::time::Instant;

const HELP: &str = "\
The chores of the house.

Usage: cargo xtask <COMMAND>

Commands:
  test    Everything: tools, format, lints, what is deployed, all tests
  lint    Format and lints only
  tools   Install what the tests call and cargo does not build, under .tools/
  help    This text
";

/// The crates of a Worker, which are only whole on wasm32.
const EDGE: [&str; 4] = ["--package", "host-worker", "--package", "edge"];

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let done = match command.as_deref() {
        Some("test") => tools() && lint() && edge() && tests(),
        Some("lint") => lint(),
        Some("tools") => tools(),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprint!("xtask: {} is not a command\n\n{HELP}", other.unwrap_or("nothing"));
            return ExitCode::from(2);
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tools() -> bool {
    step("tools", ".ci/tools", &[])
}

fn lint() -> bool {
    let wasm = [&["clippy"][..], &EDGE, &["--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"]].concat();
    let features = lambdas();
    let native = ["clippy", "--workspace", "--all-targets", "--features", &features, "--", "--deny", "warnings"];
    step("format", "cargo", &["fmt", "--all", "--check"])
        && step("lints", "cargo", &native)
        && step("lints of the edge", "cargo", &wasm)
}

/// The Workers that tests start: always built, so that none of them tests yesterday's.
fn edge() -> bool {
    step("edge", ".ci/build-edge", &[]) && step("edge that panics", ".ci/build-edge", &["probe"])
}

/// With the functions for Lambda, which tests start. In one build with everything else: apart, cargo would compile every
/// crate under them once more.
fn tests() -> bool {
    step("tests", "cargo", &["test", "--workspace", "--features", &lambdas()])
}

/// The features that build the function of every service that has one, and that which state machines ask.
fn lambdas() -> String {
    let folders = ["functions", "packages"].map(|folder| std::fs::read_dir(format!("{}/{folder}", root())));
    let folders = folders.into_iter().flatten().flatten().flatten();
    let functions = folders.filter(|folder| folder.path().join("src/bin/lambda.rs").is_file());
    let mut features: Vec<_> =
        functions.map(|folder| format!("{}/lambda", folder.file_name().to_string_lossy())).collect();
    features.sort();
    features.join(",")
}

/// Runs one step from the root of the house and says how long it took.
fn step(name: &str, program: &str, arguments: &[&str]) -> bool {
    println!("── {name}: {program} {}", arguments.join(" "));
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).current_dir(root()).status();
    let (word, fine) = match status {
        Ok(status) if status.success() => ("passed", true),
        Ok(_) => ("failed", false),
        Err(error) => {
            eprintln!("{program}: {error}");
            ("failed", false)
        }
    };
    println!("── {name} {word} in {:.0?}\n", begun.elapsed());
    fine
}

fn root() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/..")
}
