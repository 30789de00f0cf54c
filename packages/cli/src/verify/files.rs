//! The files that verification reads and writes: contracts, the dataset, reports.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use document::{Api, Document};

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableFile {
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is neither a service nor a file of that name.
    #[error("{target} is neither a service with a contract in {published} nor a file: there are {known}")]
    Nothing {
        /// What was asked for.
        target: String,
        /// Where contracts were looked for.
        published: String,
        /// The services there.
        known: String,
    },
    /// It is no document of OpenAPI, or a broken one.
    #[error(transparent)]
    Document(#[from] document::Unusable),
    /// It has no operations.
    #[error("{0} has no operations: `enver verify` asks the operations of an OpenAPI document")]
    Empty(String),
    /// The dataset has something wrong.
    #[error("the dataset cannot be used:\n{0}\n--no-dataset goes without it")]
    Dataset(String),
    /// The published contracts cannot be read.
    #[error(transparent)]
    Published(#[from] dataset::PublishedError),
    /// It is no log-in.
    #[error("{0} is no log-in: it is JSON with `email` and `password`")]
    LogIn(String),
}

/// A contract, and whose it is.
pub struct Contract {
    pub api: Api,
    /// The name of the service, when it is one of ours.
    pub service: Option<String>,
}

impl Contract {
    /// The contract of a service below `published`, or the document in a file.
    pub fn of(target: &str, published: &Path) -> Result<Self, UnusableFile> {
        // The build of the configuration service has a longer name.
        let service = if target == "configuration" { "config" } else { target };
        let plain = !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let of_service = published.join(service).join("openapi.json");
        let (path, service) = if plain && of_service.is_file() {
            (of_service, Some(service.to_owned()))
        } else if Path::new(target).is_file() {
            (target.into(), None)
        } else {
            let entries = std::fs::read_dir(published).into_iter().flatten().flatten();
            let mut known: Vec<String> = entries
                .filter(|entry| entry.path().join("openapi.json").is_file())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            known.sort();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let published = published.display().to_string();
            return Err(UnusableFile::Nothing { target: target.to_owned(), published, known });
        };
        let api = Api::of(Document::parse(&read(&path)?, &path.display().to_string())?)?;
        if api.operations.is_empty() {
            return Err(UnusableFile::Empty(path.display().to_string()));
        }
        Ok(Self { api, service })
    }
}

/// The dataset, and the contracts it is about.
pub struct Dataset {
    pub dataset: Arc<dataset::Dataset>,
    pub published: Arc<dataset::Published>,
}

impl Dataset {
    /// `None` when there is no such folder.
    pub fn load(folder: &Path, published: &Path) -> Result<Option<Self>, UnusableFile> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let dataset = dataset::Dataset::load(folder).map_err(|problems| {
            UnusableFile::Dataset(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let published = Arc::new(dataset::Published::load(published)?);
        Ok(Some(Self { dataset: Arc::new(dataset), published }))
    }
}

/// The bytes of a file, of no more than a document may have.
pub fn read(path: &Path) -> Result<Vec<u8>, UnusableFile> {
    use std::io::Read as _;
    let unreadable = |source| UnusableFile::Unreadable { path: path.display().to_string(), source };
    let mut bytes = Vec::new();
    let most = document::LONGEST_DOCUMENT as u64 + 1;
    std::fs::File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.persist(path)?;
    Ok(())
}
