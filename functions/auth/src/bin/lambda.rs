//! The auth service as functions of AWS Lambda: the file that its custom runtime starts.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_lambda::main(auth::mount)
}
