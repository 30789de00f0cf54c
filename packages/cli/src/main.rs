//! The command `enver`: reads the arguments, runs what they say, and ends with a code that scripts can use.

mod administrator;
mod arguments;
mod bdd;
mod build;
mod can_deploy;
mod client;
mod configuration;
mod constellation;
mod context;
mod dataset;
mod demo;
mod deployed;
mod deployments;
mod dev;
mod diff;
mod emulate;
mod kept;
mod messages;
mod mock;
mod mocked;
mod new;
mod phase;
mod promote;
mod proof;
mod publish;
mod ready;
mod reference;
mod repository;
mod scan;
mod secret;
mod tls;
mod up;
mod verify;
mod wiring;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command.unwrap_or(Command::Up(arguments.up)) {
        Command::Up(options) => ended(up::run(options)),
        Command::Administrator(options) => administrator::run(&options)
            .unwrap_or_else(|failure| failed(&failure, ExitCode::from(administrator::NOT_DONE))),
        Command::Dev(dev::Host::Edge(options)) => ended(dev::run(&options)),
        Command::Bdd(options) => {
            bdd::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(bdd::NOT_DONE)))
        }
        Command::Build(options) => {
            build::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(build::NOT_DONE)))
        }
        Command::Client(options) => {
            client::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(client::NOT_DONE)))
        }
        Command::Config(options) => ended(configuration::run(*options)),
        Command::Context(options) => {
            context::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(context::UNUSABLE)))
        }
        Command::Dataset(options) => {
            dataset::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(dataset::NOT_DONE)))
        }
        Command::Loop(options) => {
            proof::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(verify::UNUSABLE)))
        }
        Command::New(options) => {
            new::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(new::REFUSED)))
        }
        Command::Phase(options) => {
            phase::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(context::UNUSABLE)))
        }
        Command::Promote(options) => {
            promote::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(promote::NOT_DONE)))
        }
        Command::Diff(options) => {
            diff::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(diff::NOT_DONE)))
        }
        Command::Emulate(options) => {
            emulate::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(emulate::NOT_DONE)))
        }
        Command::Mock(options) => {
            let done = mock::run(&options);
            done.map_or_else(|failure| failed(&failure, ExitCode::from(failure.code())), |()| ExitCode::SUCCESS)
        }
        Command::Publish(options) => {
            publish::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(publish::NOT_DONE)))
        }
        Command::Scan(options) => {
            scan::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(scan::NOT_DONE)))
        }
        Command::Verify(options) => {
            verify::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(verify::UNUSABLE)))
        }
        Command::CanDeploy(options) => {
            can_deploy::run(&options).unwrap_or_else(|failure| failed(&failure, ExitCode::from(can_deploy::NOT_DONE)))
        }
        Command::Wiring(options) => ended(wiring::run(&options)),
    }
}

fn ended<E: Error>(done: Result<(), E>) -> ExitCode {
    done.map_or_else(|failure| failed(&failure, ExitCode::FAILURE), |()| ExitCode::SUCCESS)
}

fn failed(failure: &dyn Error, code: ExitCode) -> ExitCode {
    eprintln!("enver: {}", with_causes(failure));
    code
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
