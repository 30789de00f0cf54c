//! Writes the clients of a declaration, or says which of those that stand there are stale.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::declaration::{Declaration, Upstream};
use super::document::Document;
use super::render::{self, Client, MARK};
use super::shapes::{Shapes, snake_case};
use super::usage::{self, Artifact};
use super::{ClientError, FOLDER, File, messages, operations};

/// A file that is not what its declaration and its artifacts make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Which.
    pub path: PathBuf,
    /// In what way.
    pub why: String,
}

/// Writes every file of a declaration and removes those that it no longer makes. Says which were written or removed.
pub fn generate(declaration: &Path) -> Result<Vec<PathBuf>, ClientError> {
    let files = files(declaration)?;
    let mut changed = Vec::new();
    for file in &files {
        if std::fs::read_to_string(&file.path).ok().as_deref() != Some(&file.text) {
            write(file)?;
            changed.push(file.path.clone());
        }
    }
    for path in left_over(declaration, &files)? {
        std::fs::remove_file(&path).map_err(|error| ClientError::file(&path, error))?;
        changed.push(path);
    }
    Ok(changed)
}

/// What is stale of a declaration.
pub fn check(declaration: &Path) -> Result<Vec<Stale>, ClientError> {
    let files = files(declaration)?;
    let mut stale = Vec::new();
    for file in &files {
        let why = match std::fs::read_to_string(&file.path) {
            Ok(kept) if kept == file.text => continue,
            Ok(kept) => difference(&kept, &file.text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "it is missing".to_owned(),
            Err(error) => return Err(ClientError::file(&file.path, error)),
        };
        stale.push(Stale { path: file.path.clone(), why });
    }
    let of_nobody = |path| Stale { path, why: "nothing declares it any more".to_owned() };
    stale.extend(left_over(declaration, &files)?.into_iter().map(of_nobody));
    Ok(stale)
}

/// Every file of a declaration, as it should be.
fn files(path: &Path) -> Result<Vec<File>, ClientError> {
    let declaration = Declaration::read(path)?;
    let base = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = base.join(FOLDER);
    let mut files = Vec::new();
    let mut used = Vec::new();
    for (name, upstream) in &declaration.upstreams {
        let of = Generating { declaration: path, base, name, upstream };
        let (text, usage) = of.text()?;
        used.push((name.as_str(), usage));
        files.push(File { path: folder.join(format!("{}.rs", snake_case(name))), text: laid_out(base, &text)? });
    }
    let names: Vec<String> = declaration.upstreams.keys().cloned().collect();
    files.push(File { path: folder.join("mod.rs"), text: render::modules(&names) });
    let usage = usage::document(&declaration, |name| {
        used.iter().find(|(known, _)| *known == name).map(|(_, usage)| usage.clone()).unwrap_or_default()
    });
    files.push(File { path: folder.join("usage.json"), text: crate::json::text(&usage) });
    Ok(files)
}

/// One upstream of a declaration.
struct Generating<'a> {
    declaration: &'a Path,
    base: &'a Path,
    name: &'a str,
    upstream: &'a Upstream,
}

impl Generating<'_> {
    fn text(&self) -> Result<(String, serde_json::Value), ClientError> {
        let mut shapes = Shapes::default();
        let mut artifacts = Vec::new();
        let (mut routes, mut events) = (Vec::new(), Vec::new());
        if let Some(path) = &self.upstream.openapi {
            let document = self.document("OpenAPI", path, &mut artifacts)?;
            for (id, used) in &self.upstream.operations {
                routes.push(operations::route(&document, id, used, &mut shapes).map_err(|why| self.refused(why))?);
            }
        } else if !self.upstream.operations.is_empty() {
            return Err(self.refused("its operations come from `openapi`, which is not named".to_owned()));
        }
        if let Some(path) = &self.upstream.asyncapi {
            let document = self.document("AsyncAPI", path, &mut artifacts)?;
            for (name, used) in &self.upstream.messages {
                events.push(messages::event(&document, name, used, &mut shapes).map_err(|why| self.refused(why))?);
            }
        } else if !self.upstream.messages.is_empty() {
            return Err(self.refused("its messages come from `asyncapi`, which is not named".to_owned()));
        }
        let mut refusals: Vec<(u16, String)> = Vec::new();
        for route in &routes {
            let told_apart = self.upstream.operations.get(&route.id).map(|used| &used.refusals);
            let told_apart = |code: &String| told_apart.is_some_and(|codes| codes.contains(code));
            refusals.extend(route.errors.iter().filter(|(_, code)| told_apart(code)).cloned());
        }
        refusals.sort();
        refusals.dedup();
        let usage = usage::of_upstream(self.upstream, &routes, &events, &shapes, &artifacts);
        let text = render::client(&Client {
            upstream: self.name,
            artifacts: &artifacts,
            routes: &routes,
            refusals,
            events: &events,
            shapes: &shapes,
        });
        Ok((text, usage))
    }

    fn document(&self, kind: &'static str, path: &Path, to: &mut Vec<Artifact>) -> Result<Document, ClientError> {
        let document = Document::read(&self.base.join(path))?;
        let path = path.to_string_lossy().replace('\\', "/");
        to.push(Artifact { kind, path, digest: document.digest.clone() });
        Ok(document)
    }

    fn refused(&self, why: String) -> ClientError {
        ClientError::Declared { declaration: self.declaration.to_owned(), upstream: self.name.to_owned(), why }
    }
}

/// Generated files beside these ones.
fn left_over(declaration: &Path, files: &[File]) -> Result<Vec<PathBuf>, ClientError> {
    let Some(folder) = files.first().and_then(|file| file.path.parent()) else { return Ok(Vec::new()) };
    let known: BTreeSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ClientError::file(declaration, error)),
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut left: Vec<PathBuf> = paths
        .filter(|path| !known.contains(path.as_path()) && path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| std::fs::read_to_string(path).is_ok_and(|text| text.starts_with(MARK)))
        .collect();
    left.sort();
    Ok(left)
}

/// What changed, as shortly as it can be said: the artifact, or the first line that differs.
fn difference(kept: &str, text: &str) -> String {
    let digests = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.trim().strip_prefix("//!   sha256:").map(|digest| short(digest))).collect()
    };
    let (before, after) = (digests(kept), digests(text));
    if before != after {
        return format!("it was made from artifact {}, which is {} now", before.join(" and "), after.join(" and "));
    }
    let number = kept.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
    let shown = |text: &str| text.lines().nth(number).unwrap_or("the end").trim().to_owned();
    format!("line {} is `{}` and should be `{}`", number + 1, shown(kept), shown(text))
}

fn short(digest: &str) -> String {
    const SHOWN: usize = 12;
    digest.chars().take(SHOWN).collect()
}

/// The text as rustfmt lays it out, by the rules that hold in `folder`.
fn laid_out(folder: &Path, text: &str) -> Result<String, ClientError> {
    let failed = |why: String| ClientError::Rustfmt(why);
    let mut formatter = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("could not be started ({error})")))?;
    // A generated file is longer than a pipe holds; its reader is served from a thread of its own.
    let written = std::thread::scope(|scope| {
        let writer = formatter.stdin.take().map(|mut stdin| scope.spawn(move || stdin.write_all(text.as_bytes())));
        let output = formatter.wait_with_output();
        let fed = writer.map(|writer| writer.join());
        (output, fed)
    });
    let (output, fed) = written;
    let output = output.map_err(|error| failed(format!("broke off ({error})")))?;
    if !output.status.success() || !matches!(fed, Some(Ok(Ok(())))) {
        return Err(failed(format!("refused the text: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
}

/// Writes beside and renames, so that nobody ever reads half a file.
fn write(file: &File) -> Result<(), ClientError> {
    let failed = |error: std::io::Error| ClientError::file(&file.path, error);
    if let Some(folder) = file.path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = file.path.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&beside, &file.text).and_then(|()| std::fs::rename(&beside, &file.path)).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}
