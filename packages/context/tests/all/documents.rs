//! What every document keeps.

use contracts::Stage;

use crate::house::House;

#[test]
fn every_service_has_five_documents() {
    let documents = House::bare().documents();

    let of_booking: Vec<&str> =
        documents.iter().filter_map(|document| document.path.strip_prefix("booking/")).collect();
    assert_eq!(
        of_booking,
        [
            "SERVICE_CONTEXT.md",
            "SERVICE_OVERVIEW.md",
            "MOCK_ENVER_CONTEXT.md",
            "DEV_ENVER_CONTEXT.md",
            "MAIN_ENVER_CONTEXT.md"
        ]
    );
    assert_eq!(documents.len(), 16, "and the matrix of them all");
}

#[test]
fn a_document_has_every_section_of_its_template_once() {
    let documents = House::bare().documents();
    for (name, sections) in SECTIONS {
        for service in ["auth", "booking", "config"] {
            let path = format!("{service}/{name}");
            let text = &documents.iter().find(|document| document.path == path).unwrap().text;
            for section in *sections {
                let found = text.lines().filter(|line| line.starts_with(section)).count();
                assert_eq!(found, 1, "{service}/{name}: {section}");
            }
        }
    }
}

const SECTIONS: &[(&str, &[&str])] = &[
    (
        "SERVICE_CONTEXT.md",
        &[
            "## 🚀 ENVER-BASED SERVICE CONTEXT ARCHITECTURE",
            "### **🎯 [SERVICE_OVERVIEW.md](./SERVICE_OVERVIEW.md)**",
            "### **🧪 [MOCK_ENVER_CONTEXT.md](./MOCK_ENVER_CONTEXT.md)**",
            "### **🔧 [DEV_ENVER_CONTEXT.md](./DEV_ENVER_CONTEXT.md)**",
            "### **🚀 [MAIN_ENVER_CONTEXT.md](./MAIN_ENVER_CONTEXT.md)**",
            "## 🗺️ PHASE-TO-ENVER MAPPING",
            "| **Phase 0A**: Contract Surface Layer | `mock`",
        ],
    ),
    (
        "SERVICE_OVERVIEW.md",
        &[
            "## 🎯 Service Mission",
            "- **Core Philosophy**: ",
            "- **Repository**: ",
            "- **Build ID**: ",
            "## 🏗️ Service Architecture",
            "### Components",
            "### Storage Schema (",
            "## 🔐 API Specification (Enver-Agnostic)",
            "## 🔗 Contracts & Dependencies",
            "## 🚀 ENVER-BASED DEPLOYMENT ARCHITECTURE",
        ],
    ),
    (
        "MOCK_ENVER_CONTEXT.md",
        &[
            "## 🎯 Mock Enver Deployment (Isolated Workspace)",
            "**Target**: Phase 0",
            "**Focus**: ",
            "## 🏗️ Mock Enver Infrastructure",
            "## 🔐 DNS & TLS",
            "## 📋 Mock Enver Implementation Tasks",
            "### Phase 0A: Contract Surface Layer ✅ DONE",
            "### Phase 0B: BDD Contract Verification 🟠 IN_PROGRESS ⚠️ REQUIRES USER CONFIRMATION",
            "## 🧪 Mock Data & Use Case Flows",
            "## 📦 Contract Artifact (HTTP and async)",
            "## ✅ Checkpoint Validation",
        ],
    ),
    (
        "DEV_ENVER_CONTEXT.md",
        &[
            "## 🎯 Dev Enver Deployment (Development Workspace)",
            "**Building On**: ",
            "**Transition**: ",
            "## 🚨 CRITICAL: Complete Mock Code Removal",
            "## 🏗️ Dev Enver Infrastructure",
            "### Phase 1A: Core Domain Logic 🟡 PLANNED ⚠️ REQUIRES USER CONFIRMATION",
            "### Phase 1B: Core Feature Implementation 🟡 PLANNED ⚠️ REQUIRES USER CONFIRMATION",
            "## ⚙️ Real Business Logic & Use Case Flows",
            "## ✅ Checkpoint Validation",
        ],
    ),
    (
        "MAIN_ENVER_CONTEXT.md",
        &[
            "## 🎯 Main Enver Deployment (Production Workspace)",
            "## 🏗️ Main Enver Infrastructure",
            "### Phase 2A: Production Readiness 🟡 PLANNED ⚠️ REQUIRES USER CONFIRMATION",
            "### Phase 2B: Comprehensive Testing 🟡 PLANNED ⚠️ REQUIRES USER CONFIRMATION",
            "## ⚙️ Enterprise-Grade Logic & Use Case Flows",
            "## ✅ Checkpoint Validation",
            "- **Performance Baseline**: ",
            "- **Security Audit**: ",
            "- **Load Testing**: ",
        ],
    ),
];

#[test]
fn no_enver_is_told_of_those_after_it() {
    let house = House::bare();
    for document in house.documents() {
        let after: &[&str] = match document.path.rsplit('/').next().unwrap() {
            "MOCK_ENVER_CONTEXT.md" => &["dev", "main"],
            "DEV_ENVER_CONTEXT.md" => &["main"],
            _ => &[],
        };
        for (number, line) in document.text.lines().enumerate() {
            let words =
                plain(line).split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase).collect::<Vec<_>>();
            for word in words {
                assert!(!after.contains(&word.as_str()), "{}:{}: {line}", document.path, number + 1);
            }
        }
    }
}

#[test]
fn no_placeholder_is_left() {
    for document in House::bare().documents() {
        for (number, line) in document.text.lines().enumerate() {
            let place = format!("{}:{}: {line}", document.path, number + 1);
            let line = plain(line);
            for placeholder in
                ["TODO", "TBD", "FIXME", "XXX", "{{", "}}\"", "lorem", "[Service", "[resource", "[METHOD", "_impl/"]
            {
                assert!(!line.contains(placeholder), "{place}");
            }
            // What templates put into brackets: words that no link and no JSON follow.
            for (start, _) in line.match_indices('[') {
                let rest = &line[start + 1..];
                let Some((inside, after)) = rest.split_once(']') else { continue };
                let is_words = inside.starts_with(|first: char| first.is_ascii_uppercase()) && inside.contains(' ');
                assert!(!is_words || after.starts_with('('), "{place}");
            }
            assert!(!line.trim_end().ends_with(':') || !line.starts_with("| "), "{place}");
        }
    }
}

/// A line without the pattern that a schema has in it: a pattern is part of the contract, word by word.
fn plain(line: &str) -> &str {
    line.split_once("string like ^").map_or(line, |(before, _)| before)
}

#[test]
fn every_operation_and_message_has_its_section_in_every_enver() {
    let house = House::bare();
    for contract in &house.contracts {
        for stage in Stage::ALL {
            let path = format!("{}/{}", contract.service, context::documents::enver_document(stage));
            let text = house.document(&path);
            let operations = contract.operations.iter().map(|one| (one.declaration.id, one.declaration.summary));
            let consumers = contract.consumers.iter().map(|one| (one.declaration.id, one.declaration.summary));
            for (id, summary) in operations.chain(consumers) {
                let heading = format!("#### `{id}`: {summary}");
                assert_eq!(text.lines().filter(|line| *line == heading).count(), 1, "{path}: {heading}");
            }
        }
    }
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    assert_eq!(House::bare().documents(), House::bare().documents());
}

#[test]
fn a_service_that_is_not_there_is_refused_with_those_that_are() {
    let house = House::bare();

    let refused = context::documents::of(&house.source(), "payment").unwrap_err();

    assert_eq!(refused.to_string(), "there is no service payment: auth, booking, config are");
}
