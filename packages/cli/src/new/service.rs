//! A new service: its crate, its first operations, and its places in the lists of the house.

use crate::new::names::{NameError, OperationName, Words, capital};
use crate::new::operation;
use crate::new::route::{Shape, usual_path};
use crate::new::template::Values;
use crate::new::tree::{Tree, TreeError};
use crate::new::{NewError, NewService};

/// Plans the service and says what to do next.
pub fn write(tree: &mut Tree, new: &NewService) -> Result<String, NewError> {
    let name = Words::of_kebab(&new.name).ok_or_else(|| NameError::Service(new.name.clone()))?;
    free(tree, &new.name, &name)?;
    let record = match &new.record {
        Some(noun) => Words::of_kebab(noun).ok_or_else(|| NameError::Record(noun.clone()))?,
        None => name.clone(),
    };

    let values = Values::default()
        .with("service", &new.name)
        .with("crate", name.snake())
        .with("State", name.pascal())
        .with("camel", name.camel())
        .with("Records", capital(&record.plural().spoken()))
        .with("description", format!("keeps {}", record.plural().spoken()));
    for (path, template) in FILES {
        tree.write(&format!("functions/{}/{path}", new.name), values.fill(template));
    }
    tree.write(&format!("contracts/src/builds/{}.rs", name.snake()), values.fill(include_str!("templates/build.txt")));
    list(tree, &new.name, &name.snake())?;
    for (verb, shape) in [("create", Shape::Create), ("get", Shape::Get)] {
        let path = usual_path(&new.name, verb, shape, &record);
        operation::plan(tree, &new.name, &OperationName::of(verb, &record), shape, &path)?;
    }

    Ok(format!(
        "next: cargo run -- publish && cargo run -- wiring --out contracts/published/wiring.txt\n      \
         cargo run -- context generate && cargo test -p {service}\n\
         then: what is kept of {record} stands in functions/{service}/src/{file}.rs, and `enver new operation {service} …` adds to it;\n      \
         `cargo run` serves it at /{service}/v1/{paths};\n      \
         let a flow of mock-data/use-cases call it: `enver dataset check` says what is missing there",
        service = new.name,
        record = record.with_article(),
        file = record.plural().snake(),
        paths = record.plural().kebab(),
    ))
}

/// The files of a service, below its folder.
const FILES: [(&str, &str); 9] = [
    ("Cargo.toml", include_str!("templates/service_manifest.txt")),
    ("access.md", include_str!("templates/service_access.txt")),
    ("src/lib.rs", include_str!("templates/service_lib.txt")),
    ("src/apply_configuration_change.rs", include_str!("templates/service_consumer.txt")),
    ("src/bin/lambda.rs", include_str!("templates/service_lambda.txt")),
    ("tests/all/main.rs", include_str!("templates/service_test_main.txt")),
    ("tests/all/access.rs", include_str!("templates/service_test_access.txt")),
    ("tests/all/messages.rs", include_str!("templates/service_test_messages.txt")),
    ("tests/all/promises.rs", include_str!("templates/service_test_promises.txt")),
];

/// The lists of the house that name every service.
fn list(tree: &mut Tree, service: &str, krate: &str) -> Result<(), NewError> {
    let add = |what: &str| format!("add the line for {service} by hand to {what}, where the other services stand");
    let workspace = format!("{service} = {{ path = \"functions/{service}\" }}");
    tree.insert_sorted("Cargo.toml", &workspace, &add("[workspace.dependencies]"), |line| {
        line.contains("path = \"functions/")
    })?;
    let dependency = format!("{service}.workspace = true");
    tree.insert_sorted("packages/cli/Cargo.toml", &dependency, &add("[dependencies]"), in_dependencies())?;
    let mount = format!("            Arc::new({krate}::mount(&platform)?),");
    let is_mount = |line: &str| line.starts_with("            Arc::new(") && line.ends_with("::mount(&platform)?),");
    tree.insert_sorted("packages/cli/src/constellation.rs", &mount, &add("what is mounted"), is_mount)?;
    let builds = "contracts/src/builds.rs";
    tree.insert_sorted(builds, &format!("mod {krate};"), &add("the modules"), |line| line.starts_with("mod "))?;
    in_brackets(tree, builds, "BUILDS: &[Build] = &[", &format!("{krate}::BUILD"), &add("BUILDS"))?;
    let contract = format!("Contract::of(&{krate}::service())");
    in_brackets(tree, "packages/cli/src/publish.rs", "vec![", &contract, &add("what is published"))?;
    Ok(())
}

/// An entry of a sorted list between brackets, on one line or several; rustfmt breaks it where it has to.
fn in_brackets(tree: &mut Tree, path: &str, opening: &str, entry: &str, mend: &str) -> Result<(), NewError> {
    let text = tree.read(path)?;
    let list = text.split_once(opening).and_then(|(before, rest)| Some((before, rest.split_once(']')?)));
    let Some((before, (list, after))) = list else {
        let what = format!("list for `{entry}`");
        return Err(TreeError::Shape { path: path.to_owned(), what, mend: mend.to_owned() }.into());
    };
    let mut entries: Vec<&str> = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    let place = entries.iter().position(|other| *other > entry).unwrap_or(entries.len());
    entries.insert(place, entry);
    tree.write(path, format!("{before}{opening}{}]{after}", entries.join(", ")));
    Ok(())
}

/// Whether a line is one of `[dependencies]`, asked line by line from the top.
fn in_dependencies() -> impl Fn(&str) -> bool {
    let inside = std::cell::Cell::new(false);
    move |line| {
        if line.starts_with('[') {
            inside.set(line == "[dependencies]");
        }
        inside.get() && line.contains('=') && !line.starts_with('#')
    }
}

/// Whether a service may have this name: nothing of it is there, and it means nothing else.
fn free(tree: &Tree, service: &str, name: &Words) -> Result<(), NewError> {
    let folder = format!("functions/{service}");
    if tree.has(&folder) {
        let mend = format!("add to it with `enver new operation {service} …`, or choose another name");
        return Err(NewError::Exists { what: format!("the service {service}"), place: folder, mend });
    }
    let taken = |why: &str| Err(NameError::Taken { name: service.to_owned(), why: why.to_owned() }.into());
    let krate = name.snake();
    if RESERVED.contains(&krate.as_str()) {
        return taken("Rust or the platform has a meaning of its own for it");
    }
    if service.starts_with("odmd-") {
        return taken("names that begin with odmd- are the platform's");
    }
    let is_crate = format!("\nname = \"{service}\"\n");
    if tree.read("Cargo.lock")?.contains(&is_crate) {
        return taken("a crate of this name is in Cargo.lock already");
    }
    Ok(())
}

/// Keywords of Rust, crates of its own, and words of the platform.
const RESERVED: [&str; 52] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "common", "const", "continue", "core",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in",
    "internal", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "platform", "priv", "pub", "ref",
    "return", "self", "static", "std", "struct", "super", "test", "trait", "true", "try", "type", "unsafe", "use",
];
