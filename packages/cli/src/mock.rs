//! `enver mock`: answers as any OpenAPI or AsyncAPI document says.

use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use document::{Api, Document, LONGEST_DOCUMENT, Unusable};
use host_native::{Limits, serve};
use mock::foreign::Foreign;
use tokio::net::TcpListener;

use crate::up::{say, stop_on_signal, stopped};

/// Behind the help of the command.
pub const HELP: &str = "\
What is answered:
  an OpenAPI document    each operation, at its path and below the base paths of its servers: the answer is the example
                         of the document, or a value that the schema accepts
      400                what is sent is not as declared: every issue with its place, as application/problem+json (or as
                         {\"error\": …}, where the document declares that); 422 where it declares that and no 400
      401                credentials that the document demands are missing; any will do
      404, 405           there is no such path, or no such method (with Allow; HEAD and OPTIONS are answered)
      406, 415           no such media type: `Accept` chooses among those of the answer
  Prefer: code=404       another of the declared answers
  Prefer: example=NAME   another example
  Prefer: dynamic=true   another value each time, the same ones after the next start with the same --seed
  GET /_mock             what the document has
  POST /_mock/reset      begins anew

  an AsyncAPI document   its channels
  GET  /_mock/channels/NAME          the messages of a channel
  POST /_mock/channels/NAME          takes {\"payload\": …}, also with \"headers\" and \"message\", the message's name: 202, or
                                     400 with every issue
  POST /_mock/emit/NAME?count=3      sends messages of the document, and answers with them

Examples:
  enver mock petstore.yaml                       on 127.0.0.1:4010
  enver mock petstore.yaml --port 0              on any free port, which it prints
  curl -H 'Prefer: code=404' localhost:4010/pets/1

Exit codes: 0 stopped by a signal, 1 the port is taken, 2 the document cannot be used: everything that is wrong
with it is told, each with its line and column.";

#[derive(Debug, Args)]
pub struct Mock {
    /// An OpenAPI 3.0 or 3.1 or AsyncAPI 2 document in JSON or YAML; `-` is standard input
    pub file: PathBuf,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 4010)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// What generated values follow from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Why nothing answers.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    #[error("{path} cannot be read")]
    Read { path: String, source: io::Error },
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error("{host} port {port} cannot be listened on; --port 0 takes a free one")]
    Port { host: IpAddr, port: u16, source: io::Error },
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
}

impl MockError {
    /// How the process ends.
    pub fn code(&self) -> u8 {
        match self {
            Self::Read { .. } | Self::Unusable(_) => 2,
            Self::Port { .. } | Self::Process(_) => 1,
        }
    }
}

/// Answers until a signal.
pub fn run(options: &Mock) -> Result<(), MockError> {
    // In huge pages the little that a mock keeps would take three times the memory.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let name = options.file.to_string_lossy();
    let api = Api::of(Document::parse(&content(&options.file)?, &name)?)?;
    for told in api.doubts.iter().chain(&api.document.unread_patterns()) {
        eprintln!("enver: {told}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(MockError::Process)?;
    let done = runtime.block_on(answer(options, api));
    runtime.shutdown_background();
    done
}

async fn answer(options: &Mock, api: Api) -> Result<(), MockError> {
    let stopping = stop_on_signal().map_err(MockError::Process)?;
    let (host, port) = (options.host, options.port);
    let listener = TcpListener::bind((host, port)).await.map_err(|source| MockError::Port { host, port, source })?;
    let address = listener.local_addr().map_err(MockError::Process)?;
    let (operations, channels) = (api.operations.len(), api.channels.len());
    let has = if channels > 0 { format!("{channels} channels") } else { format!("{operations} operations") };
    let title = if api.title.is_empty() { options.file.to_string_lossy().into_owned() } else { api.title.clone() };
    let kind = api.document.kind();
    let endpoint = Arc::new(Foreign::new(api, options.seed));
    say(&format!("{title}: {kind}, {has}.\nReady. http://{address} answers; Ctrl-C stops it.\n"));
    serve(endpoint, listener, Limits::default(), stopped(stopping)).await;
    Ok(())
}

/// What a file holds, or standard input; not much more than a document may have.
fn content(path: &Path) -> Result<Vec<u8>, MockError> {
    let failed = |source| MockError::Read { path: path.to_string_lossy().into_owned(), source };
    let from: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut bytes = Vec::new();
    from.take(LONGEST_DOCUMENT as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
