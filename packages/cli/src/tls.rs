//! The certificate of `enver up --tls`: for this machine alone, signed by an authority that is made for this one
//! signature. Its key is kept nowhere, so whoever trusts the authority trusts this certificate and no other.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// What serves HTTPS, and what a caller needs to trust it.
pub struct Tls {
    pub server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    /// The file with the authority's certificate, for `curl --cacert`.
    pub authority: PathBuf,
    /// SHA-256 of the certificate that is served, as `openssl x509 -fingerprint -sha256` writes it.
    pub fingerprint: String,
    /// Where the files are when nothing is kept; they go with it.
    _folder: Option<TempDir>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be written or read.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be made.
    #[error("the certificate could not be made")]
    Make(#[from] rcgen::Error),
    /// What was made is not taken.
    #[error("the certificate cannot be used: {0}")]
    Use(String),
}

impl Tls {
    /// The certificate in the data directory `data`, or in a folder that goes with the process. One that expires within a
    /// month, or is no longer whole, is made anew.
    pub fn prepare(data: Option<&Path>) -> Result<Self, TlsError> {
        let temporary = match data {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new().prefix("enver-").tempdir().map_err(failed(Path::new("a temporary folder")))?,
            ),
        };
        let folder =
            data.map(|data| data.join(FOLDER)).or_else(|| temporary.as_ref().map(|folder| folder.path().into()));
        let folder = folder.unwrap_or_default();
        let files = Files::below(&std::path::absolute(&folder).map_err(failed(&folder))?);
        let (server, client, fingerprint) = match files.load() {
            Ok(loaded) => loaded,
            Err(_) => {
                files.make(SystemTime::now())?;
                files.load().map_err(TlsError::Use)?
            }
        };
        Ok(Self { server, client, authority: files.authority, fingerprint, _folder: temporary })
    }

    /// Connects as a caller that trusts the authority and nothing else.
    pub async fn connect(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let address = socket.peer_addr()?.ip();
        TlsConnector::from(Arc::clone(&self.client)).connect(ServerName::IpAddress(address.into()), socket).await
    }
}

/// Where the authority is that was made for a data directory.
pub fn authority_below(data: &Path) -> PathBuf {
    Files::below(&data.join(FOLDER)).authority
}

/// The folder of the files below the data directory.
const FOLDER: &str = "tls";

/// Where the authority, the certificate and its key are, as PEM.
struct Files {
    folder: PathBuf,
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

type Loaded = (Arc<ServerConfig>, Arc<ClientConfig>, String);

impl Files {
    fn below(folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        Self {
            folder: folder.to_owned(),
            authority: file("ca.pem"),
            certificate: file("certificate.pem"),
            key: file("key.pem"),
        }
    }

    fn load(&self) -> Result<Loaded, String> {
        let authority = CertificateDer::from_pem_file(&self.authority).map_err(refused)?;
        let certificate = CertificateDer::from_pem_file(&self.certificate).map_err(refused)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(refused)?;
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority).map_err(refused)?;
        lasts(&certificate, &roots, &provider)?;
        let fingerprint = fingerprint(&certificate);
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(refused)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(refused)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(refused)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok((Arc::new(server), Arc::new(client), fingerprint))
    }

    fn make(&self, now: SystemTime) -> Result<(), TlsError> {
        let dated = |mut params: CertificateParams, name: &str| {
            // Clocks differ.
            params.not_before = (now - DAY).into();
            params.not_after = (now + VALIDITY).into();
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let mut authority = dated(CertificateParams::default(), "Enver on this machine");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority_key = KeyPair::generate()?;
        let names = ["localhost".to_owned(), LOOPBACK.to_string(), Ipv6Addr::LOCALHOST.to_string()];
        let mut served = dated(CertificateParams::new(names)?, "localhost");
        served.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        served.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        served.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let signed = served.signed_by(&key, &Issuer::from_params(&authority, &authority_key))?;

        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed(&self.folder))?;
        write(&self.key, &key.serialize_pem())?;
        write(&self.certificate, &signed.pem())?;
        write(&self.authority, &authority.self_signed(&authority_key)?.pem())
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest that systems take from an authority that a person trusts is 825 days.
const VALIDITY: Duration = DAY.saturating_mul(365);
const RENEWED_BEFORE_END: Duration = DAY.saturating_mul(30);

/// Whether a caller that trusts these roots takes it for a month yet.
fn lasts(
    certificate: &CertificateDer<'_>,
    roots: &RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<(), String> {
    let roots = Arc::new(roots.clone());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build().map_err(refused)?;
    let then = SystemTime::now() + RENEWED_BEFORE_END;
    let then = UnixTime::since_unix_epoch(then.duration_since(UNIX_EPOCH).map_err(refused)?);
    let name = ServerName::IpAddress(LOOPBACK.into());
    verifier.verify_server_cert(certificate, &[], &name, &[], then).map_err(refused)?;
    Ok(())
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let bytes: Vec<_> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Writes a file that only its owner can read, in place of whatever has its name.
fn write(file: &Path, text: &str) -> Result<(), TlsError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(file)(error)),
        _ => {}
    }
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed(file))?;
    opened.write_all(text.as_bytes()).map_err(failed(file))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.display().to_string();
    |source| TlsError::File { path, source }
}

/// Why a certificate that is there cannot serve: it is missing, ends soon, or is not its key's or its authority's.
fn refused(why: impl std::fmt::Display) -> String {
    why.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_serves_until_a_month_before_it_ends() {
        for (age, serves) in [(0, true), (334, true), (336, false), (366, false)] {
            let folder = tempfile::tempdir().unwrap();
            let files = Files::below(folder.path());
            files.make(SystemTime::now() - DAY * age).unwrap();

            assert_eq!(files.load().is_ok(), serves, "after {age} days");
        }
    }

    #[test]
    fn a_certificate_that_is_not_its_keys_or_its_authoritys_is_made_anew() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = Files::below(&folder.path().join("tls"));
        Files::below(other.path()).make(SystemTime::now()).unwrap();

        for file in [&files.authority, &files.certificate, &files.key] {
            let before = Tls::prepare(Some(folder.path())).unwrap().fingerprint;
            std::fs::copy(other.path().join(file.file_name().unwrap()), file).unwrap();
            assert_ne!(Tls::prepare(Some(folder.path())).unwrap().fingerprint, before, "{}", file.display());
        }
    }
}
