//! What `enver up` keeps on this machine for other commands: the folder of its data, and in it the authority of its
//! certificate, which they trust without being told.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use http::{Request, Uri};
use verify::{Authority, BadUrl, Client, NoCertificate};

use crate::tls;

/// Where it is.
#[derive(Debug, Args)]
pub struct Kept {
    /// Where `enver up` keeps its data
    #[arg(long, value_name = "DIR", default_value = ".enver")]
    pub data_dir: PathBuf,
    /// Trust this certificate authority too (PEM) [default: for this machine's own addresses the one of `enver up --tls`,
    /// if the data directory has it]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Why nothing can be asked.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The authority cannot be read.
    #[error("the certificate authority in {file} cannot be read")]
    Authority {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file of the authority is none.
    #[error(transparent)]
    NoCertificate(#[from] NoCertificate),
    /// The address is none.
    #[error(transparent)]
    Url(#[from] BadUrl),
}

impl Kept {
    /// The file of the authority to trust beside those of the system, if there is one.
    pub fn authority(&self) -> Option<PathBuf> {
        self.ca.clone().or_else(|| Some(tls::authority_below(&self.data_dir)).filter(|file| file.is_file()))
    }

    /// The deployment at a base URL. Nothing is sent yet.
    pub fn client(&self, url: &str) -> Result<Client, KeptError> {
        // The one that nobody named signed for this machine alone, and a line of curl that trusts it trusts no other.
        let authority = self.ca.clone().or_else(|| self.authority().filter(|_| is_here(url)));
        let read = |file: PathBuf| match std::fs::read(&file) {
            Ok(pem) => Ok(Authority::new(file, &pem)?),
            Err(source) => Err(KeptError::Authority { file: file.display().to_string(), source }),
        };
        Ok(Client::trusting(url, authority.map(read).transpose()?)?)
    }

    /// Where the enver on a port of this machine answers: over HTTPS, if who is there has a certificate of the authority.
    pub async fn origin(&self, port: u16) -> Result<String, KeptError> {
        let [http, https] = ["http", "https"].map(|scheme| format!("{scheme}://127.0.0.1:{port}"));
        if self.authority().is_none() {
            return Ok(http);
        }
        let anybody = Request::get("/health").body(Bytes::new()).unwrap_or_default();
        let is_trusted = self.client(&https)?.send(anybody).await.is_ok();
        Ok(if is_trusted { https } else { http })
    }
}

/// Whether a base URL is one of this machine, by the names in the certificate of `enver up --tls`.
fn is_here(url: &str) -> bool {
    let uri: Option<Uri> = url.trim().parse().ok();
    uri.is_some_and(|uri| matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]")))
}
