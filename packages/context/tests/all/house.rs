//! The services of this repository and everything that their documents are made of.

use std::fs;
use std::path::{Path, PathBuf};

use context::documents::{self, Document, Source};
use context::{Flow, Ledger, Setting};
use contracts::Wiring;
use spec::Contract;

pub struct House {
    pub root: PathBuf,
    pub contracts: Vec<Contract>,
    pub wiring: Wiring,
    pub ledger: Ledger,
    pub flows: Vec<Flow>,
    pub settings: Vec<Setting>,
}

impl House {
    /// Without confirmations and without flows.
    pub fn bare() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let files = fs::read_dir(root.join("functions/config/defaults")).unwrap();
        let settings = files.map(|file| {
            let path = file.unwrap().path();
            Setting::parse(path.file_stem().unwrap().to_str().unwrap(), &fs::read_to_string(&path).unwrap()).unwrap()
        });
        Self {
            settings: settings.collect(),
            root,
            contracts: vec![
                Contract::of(&auth::service()),
                Contract::of(&booking::service()),
                Contract::of(&config::service()),
            ],
            wiring: contracts::wire().unwrap(),
            ledger: Ledger::default(),
            flows: Vec::new(),
        }
    }

    pub fn source(&self) -> Source<'_> {
        Source {
            root: &self.root,
            contracts: &self.contracts,
            wiring: &self.wiring,
            ledger: &self.ledger,
            flows: &self.flows,
            settings: &self.settings,
        }
    }

    pub fn documents(&self) -> Vec<Document> {
        documents::all(&self.source()).unwrap()
    }

    pub fn document(&self, path: &str) -> String {
        let (service, _) = path.split_once('/').unwrap();
        let documents = documents::of(&self.source(), service).unwrap();
        documents.into_iter().find(|document| document.path == path).expect(path).text
    }
}
