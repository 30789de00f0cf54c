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
        Some("test") => tools() && lint() && deployed() && tests(),
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
    step("format", "cargo", &["fmt", "--all", "--check"])
        && step("lints", "cargo", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
        && step("lints of the edge", "cargo", &wasm)
}

/// What the tests of the hosts start: always built, so that none of them tests yesterday's.
fn deployed() -> bool {
    const BOOTSTRAP: [&str; 7] = ["build", "--package", "booking", "--features", "lambda", "--bin", "bootstrap"];
    step("edge", ".ci/build-edge", &[]) && step("bootstrap", "cargo", &BOOTSTRAP)
}

fn tests() -> bool {
    step("tests", "cargo", &["test", "--workspace"])
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
