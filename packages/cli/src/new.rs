//! `enver new`: writes a service or an operation that compiles, keeps every rule of the house and reads like its
//! neighbours.

mod names;
mod operation;
mod route;
mod service;
mod template;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use crate::new::names::NameError;
use crate::new::tree::{Tree, TreeError};

/// What stands below the help of `enver new`.
pub const HELP: &str = "\
Examples:
  enver new service payment                       the crate functions/payment, with createPayment and getPayment
  enver new service tracking --record position    the same, with createPosition and getPosition
  enver new operation payment createRefund        POST /payment/v1/refunds
  enver new operation payment getRefund           GET /payment/v1/refunds/{refundId}
  enver new operation payment listRefunds         GET /payment/v1/refunds
  enver new operation payment updateRefund        PATCH /payment/v1/refunds/{refundId}
  enver new operation payment deleteRefund        DELETE /payment/v1/refunds/{refundId}
  enver new operation payment approveRefund --path /payment/v1/refunds/{refundId}/approval

Exit codes: 0 written, 2 refused: nothing was written.";

#[derive(Debug, Args)]
pub struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A service: its crate, its first two operations, their tests, and its places in the lists of the house
    Service(NewService),
    /// An operation of a service: its file, its tests, its line in the list, and its rows in access.md
    ///
    /// The verb of the name decides what is written: create, add, make, register, request, send, start: POST;
    /// get, find, read, list: GET; update, change: PATCH; set, replace: PUT; delete, remove: DELETE; any other verb
    /// is a POST on one record. The noun names what is kept; its first operation also writes the record.
    #[command(verbatim_doc_comment)]
    Operation(NewOperation),
}

#[derive(Debug, Args)]
pub struct NewService {
    /// Its name: lower-case letters and digits, words joined by `-`, at most 25 characters
    pub name: String,
    /// What it keeps: a noun in the singular; the name of the service when nothing is said
    #[arg(long, value_name = "NOUN")]
    pub record: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct NewOperation {
    /// The service it belongs to
    pub service: String,
    /// Its id: a verb and a noun in camel case, as in createRefund
    pub name: String,
    /// The method, where the verb does not say it
    #[arg(long, value_enum, ignore_case = true)]
    pub method: Option<Method>,
    /// The path, where it is not /SERVICE/v1/NOUNS or /SERVICE/v1/NOUNS/{nounId}
    #[arg(long)]
    pub path: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

/// Where it is written.
#[derive(Debug, Args)]
pub struct Place {
    /// The repository; the one around the working directory when nothing is said
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Change files that differ from the last commit, too
    #[arg(long)]
    pub allow_dirty: bool,
}

/// The methods of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A name or a path that cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A file that is not as it has to be.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Something of that name is there.
    #[error("{what} is there already ({place}): {mend}")]
    Exists {
        /// What.
        what: String,
        /// Where.
        place: String,
        /// What to do instead.
        mend: String,
    },
    /// There is no such service.
    #[error("there is no service {0}: functions/{0}/src/lib.rs does not exist; `enver new service {0}` makes one")]
    NoService(String),
}

/// The code of a refusal.
pub const REFUSED: u8 = 2;

/// Writes what was asked for, all of it or nothing, and says what to do next.
pub fn run(options: &New) -> Result<ExitCode, NewError> {
    let place = match &options.what {
        What::Service(new) => &new.place,
        What::Operation(new) => &new.place,
    };
    let mut tree = Tree::open(place.root.as_deref())?;
    let next = match &options.what {
        What::Service(new) => service::write(&mut tree, new)?,
        What::Operation(new) => operation::write(&mut tree, new)?,
    };
    let written = tree.commit(place.allow_dirty)?;
    for line in written {
        println!("{line}");
    }
    println!("\n{next}");
    Ok(ExitCode::SUCCESS)
}
