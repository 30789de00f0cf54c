//! A new operation: its file, its tests, and its places in the lists of its service.

use crate::new::names::{NameError, OperationName, Words, capital, third_person};
use crate::new::route::{Shape, has_record, shape, unrouted, usual_method, usual_path, usual_shape};
use crate::new::template::Values;
use crate::new::tree::{Tree, TreeError};
use crate::new::{Method, NewError, NewOperation};

/// Plans the operation and says what to do next.
pub fn write(tree: &mut Tree, new: &NewOperation) -> Result<String, NewError> {
    let service = &new.service;
    if Words::of_kebab(service).is_none() {
        return Err(NameError::Service(service.clone()).into());
    }
    if !tree.has(&format!("functions/{service}/src/lib.rs")) {
        return Err(NewError::NoService(service.clone()));
    }
    let name = OperationName::parse(&new.name)?;
    let method = new.method.unwrap_or_else(|| usual_method(&name.verb));
    let shape = match &new.path {
        Some(path) => shape(method, has_record(path, service, &name.noun)?, path)?,
        None => usual_shape(&name.verb, method),
    };
    let path = new.path.clone().unwrap_or_else(|| usual_path(service, &name.verb, shape, &name.noun));
    let path = path.as_str();
    unrouted(tree, service, method, path)?;

    plan(tree, service, &name, shape, path)?;

    Ok(format!(
        "next: cargo run -- publish && cargo run -- context generate && cargo test -p {service}\n\
         then: say in functions/{service}/src/{module}.rs what {id} does besides, who may call it and what it emits;\n      \
         what is kept of {noun} stands in functions/{service}/src/{things}.rs;\n      \
         let a flow of mock-data/use-cases call it: `enver dataset check` says what is missing there",
        id = name.id,
        module = name.words.snake(),
        noun = name.noun.with_article(),
        things = name.noun.plural().snake(),
    ))
}

/// Plans the files and lines of one operation.
pub fn plan(tree: &mut Tree, service: &str, name: &OperationName, shape: Shape, path: &str) -> Result<(), NewError> {
    let folder = format!("functions/{service}");
    let module = name.words.snake();
    let file = format!("{folder}/src/{module}.rs");
    if tree.has(&file) {
        let mend = "choose another name".to_owned();
        return Err(NewError::Exists { what: format!("the operation {}", name.id), place: file, mend });
    }
    let values = values(tree, service, name, shape, path)?;

    records(tree, service, name, shape, &values)?;
    tree.write(&file, values.fill(shape.template()));
    let mend = format!("write {} by hand, as its neighbours in {folder}/src are written", name.id);
    let lib = format!("{folder}/src/lib.rs");
    tree.insert_sorted(&lib, &format!("mod {module};"), &mend, is_module)?;
    let line = format!("            Operation::new(&{module}::DECLARATION, {module}::handle),");
    listed(tree, &lib, &line, &mend)?;

    tests(tree, &folder, name, shape, &values, &mend)?;
    let table = format!("{folder}/access.md");
    for row in rows(&name.id, shape, &tree.read(&table)?).iter().rev() {
        access_row(tree, &table, row, &mend)?;
    }
    Ok(())
}

/// The records of the noun: their file is made with their first operation, and completed with the first that needs a
/// path to one.
fn records(
    tree: &mut Tree,
    service: &str,
    name: &OperationName,
    shape: Shape,
    values: &Values,
) -> Result<(), NewError> {
    let (things, pascal) = (name.noun.plural().snake(), name.noun.pascal());
    let file = format!("functions/{service}/src/{things}.rs");
    let first_line =
        format!("//! {}: what is kept of one, and what its callers see.", capital(&name.noun.plural().spoken()));
    let by_hand = |place: &str| NewError::Exists {
        what: format!("a record of {}, written by hand", name.noun.with_article()),
        place: place.to_owned(),
        mend: format!(
            "write {} beside it, as its neighbours are written, or choose another noun for what is new",
            name.id
        ),
    };
    if tree.has(&file) {
        if !tree.read(&file)?.starts_with(&first_line) {
            return Err(by_hand(&file));
        }
    } else {
        for source in tree.sources(&format!("functions/{service}/src"))? {
            let text = tree.read(&source)?;
            let is_declared =
                ["Record", "View", "Path", "Id"].iter().any(|kind| text.contains(&format!("struct {pascal}{kind}")));
            if is_declared || text.contains(&format!("const KIND: &'static str = \"{}\";", name.noun.kebab())) {
                return Err(by_hand(&source));
            }
        }
        tree.write(&file, values.fill(include_str!("templates/records.txt")));
        let mend = format!("add `mod {things};` by hand");
        tree.insert_sorted(&format!("functions/{service}/src/lib.rs"), &format!("mod {things};"), &mend, is_module)?;
    }
    if shape.names_a_record() && !tree.read(&file)?.contains(&format!("pub struct {pascal}Path")) {
        let mend = format!("declare {pascal}Path and {}_NOT_FOUND in it, as its neighbours do", name.noun.screaming());
        let path = values.fill(include_str!("templates/path.txt"));
        let view = format!("/// {} as its callers see it.", capital(&name.noun.with_article()));
        tree.insert_before(&file, path.trim_end_matches('\n'), &mend, |line| line == view)?;
        tree.insert_before(&file, "", &mend, |line| line == view)?;
        let import = "use service_errors::{Kind, Refusal};";
        tree.insert_before(&file, import, &mend, |line| line.starts_with("use validation::"))?;
        let whole = tree.read(&file)? + &values.fill(include_str!("templates/not_found.txt"));
        tree.write(&file, whole);
    }
    Ok(())
}

fn tests(
    tree: &mut Tree,
    folder: &str,
    name: &OperationName,
    shape: Shape,
    values: &Values,
    mend: &str,
) -> Result<(), NewError> {
    let (module, things) = (name.words.snake(), name.noun.plural().snake());
    let main = format!("{folder}/tests/all/main.rs");
    if !tree.read(&main)?.contains("pub async fn world() -> World") {
        let what = "`pub async fn world() -> World`".to_owned();
        return Err(TreeError::Shape { path: main, what, mend: mend.to_owned() }.into());
    }
    let mut modules = vec![(module.clone(), shape.test())];
    let placing = format!("{folder}/tests/all/{things}.rs");
    let is_placed = tree.has(&placing) && tree.read(&placing)?.contains("pub async fn place(");
    if shape != Shape::Create && !is_placed {
        modules.push((things.clone(), include_str!("templates/test_records.txt")));
    }
    for (module, template) in modules {
        let file = format!("{folder}/tests/all/{module}.rs");
        if tree.has(&file) {
            let mend = "rename it, or choose another name".to_owned();
            return Err(NewError::Exists { what: format!("a test module {module}"), place: file, mend });
        }
        tree.write(&file, values.fill(template));
        tree.insert_sorted(&main, &format!("mod {module};"), mend, is_module)?;
    }
    walk(tree, &format!("{folder}/tests/all/promises.rs"), &module, mend)?;
    if shape.names_a_record() {
        let access = format!("{folder}/tests/all/access.rs");
        record_of(tree, &access, &format!("{}Id", name.noun.camel()), &things, mend)?;
    }
    Ok(())
}

/// The operation's part of the walk through the whole service, in the world that the walk was promised complete in.
fn walk(tree: &mut Tree, path: &str, module: &str, mend: &str) -> Result<(), TreeError> {
    const PROMISE: &str = "    promises::the_walk_was_complete(";
    let text = tree.read(path)?;
    let world = text.split_once(PROMISE).and_then(|(_, rest)| rest.split_once(");\n"));
    let (world, _) = world.ok_or_else(|| TreeError::Shape {
        path: path.to_owned(),
        what: format!("line that begins with `{}`", PROMISE.trim_start()),
        mend: mend.to_owned(),
    })?;
    let step = format!("    crate::{module}::walk({world}).await;");
    let is_first = text.contains(&format!("let world = world().await;\n\n{PROMISE}"));
    // The steps of a walk stand together; the promise stands apart below them.
    match text.split_once(&format!("\n\n{PROMISE}")) {
        Some((before, after)) if !is_first => {
            tree.write(path, format!("{before}\n{step}\n\n{PROMISE}{after}"));
            Ok(())
        }
        _ => tree.insert_before(path, &format!("{step}\n"), mend, |line| line.starts_with(PROMISE)),
    }
}

/// Who has a record of this kind, for the table of who may call what.
fn record_of(tree: &mut Tree, path: &str, parameter: &str, things: &str, mend: &str) -> Result<(), TreeError> {
    const HEAD: &str =
        "async fn record(&self, parameter: &str, owner: Owner<'_>) -> Option<String> {\n        match parameter {\n";
    let text = tree.read(path)?;
    if text.contains(&format!("            \"{parameter}\" =>")) {
        return Ok(());
    }
    let Some(head) = text.find(HEAD) else {
        return Err(TreeError::Shape {
            path: path.to_owned(),
            what: "`match parameter` in `record` that this command knows".to_owned(),
            mend: mend.to_owned(),
        });
    };
    let (before, after) = text.split_at(head + HEAD.len());
    let arm = format!("            \"{parameter}\" =>");
    let mut place = 0;
    for line in after.split_inclusive('\n') {
        let is_arm = line.starts_with("            ") && !line.starts_with("             ");
        if is_arm && (line > arm.as_str() || !line.trim_start().starts_with('"')) && !line.starts_with("            }")
        {
            break;
        }
        place += line.len();
    }
    let (sorted_before, sorted_after) = after.split_at(place);
    let text = format!(
        "{before}{sorted_before}{arm} match owner {{\n                Owner::Caller(_) => None,\n                \
         Owner::SomebodyIn(tenant) => Some(crate::{things}::place(self.world(), tenant).await),\n            }},\n{sorted_after}"
    );
    tree.write(path, text);
    Ok(())
}

/// A row of access.md, in the order of the ids.
fn access_row(tree: &mut Tree, path: &str, row: &str, mend: &str) -> Result<(), TreeError> {
    let id_of = |line: &str| line.strip_prefix("| ")?.split(" |").next().map(str::to_owned);
    let id = id_of(row).unwrap_or_default();
    let text = tree.read(path)?;
    let lines: Vec<&str> = text.lines().collect();
    let rule = lines.iter().position(|line| line.starts_with("| ---")).ok_or_else(|| TreeError::Shape {
        path: path.to_owned(),
        what: "table".to_owned(),
        mend: mend.to_owned(),
    })?;
    let rows = lines.iter().skip(rule + 1);
    let before = rows.take_while(|line| id_of(line).is_some_and(|other| other < id)).count();
    let mut lines = lines;
    lines.insert(rule + 1 + before, row);
    tree.write(path, lines.join("\n") + "\n");
    Ok(())
}

/// What the table says of an operation for administrators of a tenant. Records are a tenant's, nobody's own.
fn rows(id: &str, shape: Shape, table: &str) -> Vec<String> {
    const NOBODY: &str = "–";
    let rows: &[(&str, [&str; 8])] = match shape.names_a_record() {
        false => &[("", ["403", "yes", "403", "403", "403", "401", "401", "401"])],
        true => &[
            ("own", [NOBODY; 8]),
            ("same tenant", ["403", "yes", "403", "403", "403", "401", "401", "401"]),
            ("other tenant", ["403", "404", "403", "403", "403", "401", "401", "401"]),
        ],
    };
    let known: Vec<Vec<&str>> = table
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .map(|line| line.split('|').skip(3).map(str::trim).collect())
        .collect();
    // A service that nobody of some kind ever calls says so in every row.
    let nobody = |column: usize| !known.is_empty() && known.iter().all(|row| row.get(column) == Some(&NOBODY));
    let row = |(whose, cells): &(&str, [&str; 8])| {
        let cells = cells.iter().enumerate().map(|(column, cell)| if nobody(column) { NOBODY } else { cell });
        format!("| {id} | {whose} | {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    rows.iter().map(row).collect()
}

/// The line of an operation in the alphabetical list of its service.
fn listed(tree: &mut Tree, lib: &str, line: &str, mend: &str) -> Result<(), TreeError> {
    let is_operation = |line: &str| line.starts_with("            Operation::new(&");
    if tree.read(lib)?.lines().any(is_operation) {
        return tree.insert_sorted(lib, line, mend, is_operation);
    }
    // A list without operations is closed where it is opened.
    tree.insert_before(lib, line, mend, |line| line == "        ],")
}

fn is_module(line: &str) -> bool {
    line.strip_prefix("mod ").is_some_and(|rest| rest.ends_with(';'))
}

fn values(tree: &Tree, service: &str, name: &OperationName, shape: Shape, path: &str) -> Result<Values, NewError> {
    let lib = format!("functions/{service}/src/lib.rs");
    let text = tree.read(&lib)?;
    let state = text.split_once("pub fn service() -> Service<").and_then(|(_, rest)| rest.split_once('>'));
    let (state, _) = state.ok_or_else(|| TreeError::Shape {
        path: lib.clone(),
        what: "`pub fn service() -> Service<…>`".to_owned(),
        mend: "a service says its state there".to_owned(),
    })?;
    let noun = &name.noun;
    let many = noun.plural();
    let summary = match shape {
        Shape::Get => format!("Reads one {}", noun.spoken()),
        Shape::List => format!("Lists {}, newest first", many.spoken()),
        _ => format!("{} {}", third_person(&name.verb), noun.with_article()),
    };
    let (method, success) = match shape {
        Shape::Change(Method::Put) => ("put", ""),
        Shape::Change(Method::Patch) => ("patch", ""),
        Shape::Change(_) => ("post", "\n    success: 200,"),
        _ => ("", ""),
    };
    Ok(Values::default()
        .with("path", path)
        .with("State", state)
        .with("crate", service.replace('-', "_"))
        .with("Summary", summary)
        .with("operation", &name.id)
        .with("operation_fn", name.words.snake())
        .with("Operation", name.words.pascal())
        .with("audit", format!("{}.{}", noun.kebab(), name.verb))
        .with("method", method)
        .with("METHOD", method.to_uppercase())
        .with("success", success)
        .with("Type", noun.pascal())
        .with("THING", noun.screaming())
        .with("thing", noun.snake())
        .with("thingCamel", noun.camel())
        .with("things", many.snake())
        .with("Things", capital(&many.spoken()))
        .with("words", noun.spoken())
        .with("words_plural", many.spoken())
        .with("a_thing", noun.with_article())
        .with("A_thing", capital(&noun.with_article()))
        .with("a_thing_fn", noun.with_article().replace(' ', "_"))
        .with("kind", noun.kebab())
        .with("param", format!("{}Id", noun.camel()))
        .with("PREFIX", noun.prefix()))
}
