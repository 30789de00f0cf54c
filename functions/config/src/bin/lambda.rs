//! The configuration service as functions of AWS Lambda: the file that its custom runtime starts. It prepares the
//! platform.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_lambda::main_preparing(config::mount, |platform| Box::pin(config::seed(platform)))
}
