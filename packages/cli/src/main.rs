//! The command `enver`: reads the arguments, runs what they say, and ends with a code that scripts can use.

mod arguments;
mod configuration;
mod constellation;
mod demo;
mod ready;
mod up;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command.unwrap_or(Command::Up(arguments.up)) {
        Command::Up(options) => up::run(options).map_err(Box::<dyn Error>::from),
        Command::Config(options) => configuration::run(*options).map_err(Box::from),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("enver: {}", with_causes(failure.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, outermost first.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
