//! Published contracts as files, and which of them are meant.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use contracts::Stage;
use operation::Environment;
use serde::Deserialize;
use serde_json::Value;
use spec::artifact;
use spec::compatibility::Document;

use super::Unusable;

/// The folders of artifacts.
pub struct Published {
    /// What comes.
    coming: PathBuf,
    /// What stands.
    standing: PathBuf,
}

/// What one service publishes in one enver.
pub struct Publisher {
    /// HTTP.
    pub openapi: Option<Artifact>,
    /// Messages.
    pub asyncapi: Option<Artifact>,
}

/// One document: its file, its text, and the digest it carries.
pub struct Artifact {
    /// As messages name it.
    pub name: String,
    pub digest: String,
    text: Vec<u8>,
}

impl Artifact {
    /// The document, for a comparison.
    pub fn document(&self) -> Result<Document, Unusable> {
        Document::parse(&self.text, &self.name).map_err(|error| content(&self.name, error.to_string()))
    }

    /// Its content, for what a comparison does not say.
    pub fn value(&self) -> Result<Value, Unusable> {
        serde_json::from_slice(&self.text).map_err(|error| content(&self.name, error.to_string()))
    }
}

/// The enver whose contract comes when a service is deployed to this one.
pub fn before(to: Stage) -> Stage {
    match to {
        Stage::Mock | Stage::Dev => Stage::Mock,
        Stage::Main => Stage::Dev,
    }
}

/// The folder of artifacts in a repository.
const FOLDER: &str = "contracts/published";

impl Published {
    /// Those of the repository at `root`; what stands is below `deployed` if that is given.
    pub fn open(root: &Path, deployed: Option<&Path>) -> Result<Self, Unusable> {
        let coming = root.join(FOLDER);
        let standing = deployed.map_or_else(|| coming.clone(), Path::to_owned);
        for folder in [&coming, &standing] {
            if !folder.is_dir() {
                return Err(Unusable::Folder(folder.display().to_string()));
            }
        }
        Ok(Self { coming, standing })
    }

    /// What would come to an enver; `None` when nothing is published.
    pub fn coming(&self, service: &str, to: Stage) -> Result<Option<Publisher>, Unusable> {
        read(&self.coming, service, before(to), to)
    }

    /// What stands in an enver; `None` when nothing does.
    pub fn standing(&self, service: &str, at: Stage) -> Result<Option<Publisher>, Unusable> {
        read(&self.standing, service, at, at)
    }

    /// The document of this kind with this digest, wherever a service published it, as it would stand in an enver.
    pub fn with_digest(
        &self,
        service: &str,
        kind: &str,
        digest: &str,
        to: Stage,
    ) -> Result<Option<Artifact>, Unusable> {
        for stage in Stage::ALL {
            for folder in [&self.coming, &self.standing] {
                let file = file_of(folder, service, stage, kind);
                if stamp_of(&file)?.as_deref() == Some(digest) {
                    return artifact(&file, stage, to);
                }
            }
        }
        Ok(None)
    }
}

/// What is published for a stage, as it would stand at another.
fn read(folder: &Path, service: &str, stage: Stage, to: Stage) -> Result<Option<Publisher>, Unusable> {
    let one = |kind| artifact(&file_of(folder, service, stage, kind), stage, to);
    let publisher = Publisher { openapi: one("openapi")?, asyncapi: one("asyncapi")? };
    Ok((publisher.openapi.is_some() || publisher.asyncapi.is_some()).then_some(publisher))
}

fn file_of(folder: &Path, service: &str, stage: Stage, kind: &str) -> PathBuf {
    folder.join(stage.name()).join(service).join(format!("{kind}.json"))
}

/// A document that nobody edited by hand. Its resources carry the name of the enver `from`, and get that of `to`.
fn artifact(file: &Path, from: Stage, to: Stage) -> Result<Option<Artifact>, Unusable> {
    let Some(text) = bytes(file)? else { return Ok(None) };
    let name = file.strip_prefix(".").unwrap_or(file).display().to_string();
    let value: Value = serde_json::from_slice(&text).map_err(|error| content(&name, format!("{error}: {RESTORE}")))?;
    if !artifact::intact(&value) {
        return Err(content(
            &name,
            format!("it was edited by hand, for its content is not what its digest says: {RESTORE}"),
        ));
    }
    let digest = value["x-odmd"]["digest"].as_str().unwrap_or_default().to_owned();
    let text = match (prefix(from), prefix(to)) {
        (Some(from), Some(to)) if from != to => String::from_utf8_lossy(&text).replace(&from, &to).into_bytes(),
        _ => text,
    };
    Ok(Some(Artifact { name, digest, text }))
}

/// How the quoted names of an enver's resources begin: `"enver-dev-`.
fn prefix(stage: Stage) -> Option<String> {
    Some(format!("\"{}", Environment::named(stage.name())?.resource_name("")))
}

const RESTORE: &str = "run `enver publish`";

/// Only the digest that a document carries.
fn stamp_of(file: &Path) -> Result<Option<String>, Unusable> {
    #[derive(Deserialize)]
    struct Stamped {
        #[serde(rename = "x-odmd")]
        stamp: Stamp,
    }
    #[derive(Deserialize)]
    struct Stamp {
        digest: String,
    }
    let Some(text) = bytes(file)? else { return Ok(None) };
    let stamped: Stamped = serde_json::from_slice(&text)
        .map_err(|error| content(&file.display().to_string(), format!("{error}: {RESTORE}")))?;
    Ok(Some(stamped.stamp.digest))
}

/// The content of a file, if there is one; no more than a document may have.
pub fn bytes(file: &Path) -> Result<Option<Vec<u8>>, Unusable> {
    use io::Read;
    const LONGEST: u64 = 64 * 1024 * 1024;
    let unreadable = |source| Unusable::File { path: file.display().to_string(), source };
    let opened = match fs::File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut text = Vec::new();
    opened.take(LONGEST + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LONGEST {
        return Err(content(&file.display().to_string(), "it is longer than 64 MiB".to_owned()));
    }
    Ok(Some(text))
}

pub fn content(path: &str, why: String) -> Unusable {
    Unusable::Content { path: path.to_owned(), why }
}
