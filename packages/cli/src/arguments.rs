//! What `enver` can be told, and how it explains itself.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use operation::Environment;

use crate::configuration::{Config, HELP};

/// Contract-first serverless services, whole on a laptop.
#[derive(Debug, Parser)]
#[command(
    name = "enver",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `enver` does what `enver up` does.\n\
                  Exit codes: 0 done, 1 failed, 2 the arguments are wrong."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub up: Up,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Starts the services of an enver, and the DynamoDB, S3 and SQS they stand on, in this process
    ///
    /// It prints where everything answers, the log-in of a demo tenant, and four lines of curl that book a truck.
    /// Data is kept in the data directory and survives the process being killed.
    /// Ctrl-C or SIGTERM stops it: requests in flight are answered first; a second one stops it at once.
    #[command(after_help = "\
Examples:
  enver up                          data in .enver, services on 4200, AWS on 4066
  enver up --port-base 5000         services on 5200, AWS on 5066
  enver up --port-base 0            any two free ports
  enver up --ephemeral --logs       nothing kept; log lines on standard error")]
    Up(Up),
    /// Reads and changes the configuration of a running enver
    #[command(after_help = HELP)]
    Config(Box<Config>),
}

#[derive(Debug, Args)]
pub struct Up {
    /// The enver to start
    #[arg(long, value_enum, default_value_t = Enver::Dev)]
    pub enver: Enver,
    /// Where data and logs are kept
    #[arg(long, value_name = "DIR", default_value = ".enver")]
    pub data_dir: PathBuf,
    /// Keep nothing: all data ends with the process
    #[arg(long, conflicts_with = "data_dir")]
    pub ephemeral: bool,
    /// The services listen on this port + 200, the AWS protocols on it + 66; 0 takes free ports
    #[arg(long, value_name = "PORT", default_value_t = 4000, value_parser = clap::value_parser!(u16).range(0..=65_335))]
    pub port_base: u16,
    /// Write log and metric lines to standard error instead of a file in the data directory
    #[arg(long)]
    pub logs: bool,
}

/// The envers that a laptop can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Enver {
    /// Real logic on embedded storage, with a demo tenant
    Dev,
}

impl Enver {
    pub fn environment(self) -> Environment {
        match self {
            Self::Dev => Environment::Dev,
        }
    }

    /// What is added to the port base for the services of this enver.
    pub fn port_offset(self) -> u16 {
        match self {
            Self::Dev => 200,
        }
    }
}

/// What is added to the port base for the AWS protocols.
pub const AWS_PORT_OFFSET: u16 = 66;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_of_up_work_without_naming_it() {
        let named = Arguments::parse_from(["enver", "up", "--port-base", "5000"]);
        assert!(matches!(named.command, Some(Command::Up(Up { port_base: 5000, .. }))));
        assert_eq!(Arguments::parse_from(["enver", "--port-base", "5000"]).up.port_base, 5000);
    }
}
