//! A run as a page that a product owner can read: one file, which needs nothing beside it.

use std::fmt::{self, Display, Formatter, Write as _};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::junit::escaped;
use super::{Count, Exchange, Message, Outcome, Report, Scenario, Step, UseCase};
use crate::coverage::Summary;

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn render(report: &Report, coverage: &Summary) -> String {
    let mut page = String::new();
    // A `String` takes everything.
    let _ = whole(&mut page, report, coverage);
    page
}

fn whole(page: &mut String, report: &Report, coverage: &Summary) -> fmt::Result {
    let target = Text(&report.target);
    writeln!(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(page, "<title>What {target} does</title>\n<style>\n{STYLE}</style>\n</head>\n<body>")?;
    head(page, report, coverage)?;
    writeln!(page, "<nav>")?;
    for use_case in &report.use_cases {
        let count = use_case.count();
        writeln!(
            page,
            "<a class=\"tile {}\" href=\"#{}\"><b>{}</b><span>{}</span>{}<small>{}</small></a>",
            class(count),
            Text(&use_case.id),
            Text(&use_case.id),
            Text(&use_case.title),
            Bar(count),
            Of(count, "scenarios"),
        )?;
    }
    writeln!(page, "</nav>\n<main>")?;
    for use_case in &report.use_cases {
        section(page, use_case)?;
    }
    writeln!(page, "</main>\n</body>\n</html>")
}

fn head(page: &mut String, report: &Report, coverage: &Summary) -> fmt::Result {
    let (passed, steps) = (report.passed(), report.steps());
    let verdict = match (passed, steps.total()) {
        (true, _) => "Everything works as the use cases say.".to_owned(),
        (false, 0) => "Nothing was run.".to_owned(),
        (false, _) => {
            let failed = report.scenarios().filter(|scenario| matches!(scenario.outcome(), Outcome::Failed(_))).count();
            format!("{failed} of {} scenarios do not work as the use cases say.", report.scenarios().count())
        }
    };
    let began = OffsetDateTime::from_unix_timestamp(report.began.div_euclid(1000)).ok();
    let began = began.and_then(|began| began.format(&Rfc3339).ok()).unwrap_or_default();
    writeln!(page, "<header class=\"{}\">", if passed { "passed" } else { "failed" })?;
    writeln!(page, "<p class=\"over\">Behaviour of {}</p>\n<h1>{verdict}</h1>\n<dl>", Text(&report.target))?;
    let facts = [
        ("Use cases", report.use_cases.len().to_string()),
        ("Scenarios", report.scenarios().count().to_string()),
        ("Steps", steps.total().to_string()),
        ("Took", Took(report.took).to_string()),
        ("Operations met", format!("{} of {}", coverage.operations_met, coverage.operations)),
        ("Answers met", format!("{} of {}", coverage.statuses_met, coverage.statuses)),
        ("Began", began),
        ("Run by", report.runner.to_owned()),
    ];
    for (name, value) in facts {
        writeln!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", Text(&value))?;
    }
    writeln!(page, "</dl>\n</header>")
}

fn section(page: &mut String, use_case: &UseCase) -> fmt::Result {
    let count = use_case.count();
    writeln!(page, "<section id=\"{}\" class=\"{}\">", Text(&use_case.id), class(count))?;
    writeln!(page, "<h2><b>{}</b> {}</h2>", Text(&use_case.id), Text(&use_case.title))?;
    if !use_case.story.is_empty() {
        let story: Vec<String> = use_case.story.iter().map(|line| Text(line).to_string()).collect();
        writeln!(page, "<blockquote>{}</blockquote>", story.join("<br>"))?;
    }
    if !use_case.privacy.is_empty() {
        writeln!(page, "<p class=\"privacy\"><b>Privacy</b> {}</p>", Text(&use_case.privacy))?;
    }
    for scenario in &use_case.scenarios {
        scenario_of(page, scenario)?;
    }
    writeln!(page, "</section>")
}

fn scenario_of(page: &mut String, scenario: &Scenario) -> fmt::Result {
    let outcome = scenario.outcome();
    let open = if matches!(outcome, Outcome::Failed(_)) { " open" } else { "" };
    writeln!(
        page,
        "<details class=\"scenario {}\"{open}><summary>{}<span class=\"title\">{}</span><small>{} · {}</small></summary>",
        name(&outcome),
        Mark(&outcome),
        Text(&scenario.title),
        Number(scenario.steps.len(), "step"),
        Took(scenario.took()),
    )?;
    writeln!(page, "<ol>")?;
    for step in &scenario.steps {
        step_of(page, step)?;
    }
    writeln!(page, "</ol></details>")
}

fn step_of(page: &mut String, step: &Step) -> fmt::Result {
    let failed = matches!(step.outcome, Outcome::Failed(_));
    writeln!(
        page,
        "<li class=\"{}\"><details{}><summary>{}<span class=\"title\">{}</span>",
        name(&step.outcome),
        if failed { " open" } else { "" },
        Mark(&step.outcome),
        Text(&step.title),
    )?;
    write!(page, "<span class=\"actor\">{}</span>", Text(&step.actor))?;
    if let Some(exchange) = &step.exchange {
        let kind = exchange.status / 100;
        write!(page, "<code class=\"s{kind}\">{}</code><small>{}</small>", exchange.status, Took(exchange.took))?;
    }
    writeln!(page, "</summary>")?;
    if let Outcome::Failed(why) = &step.outcome {
        writeln!(page, "<ul class=\"why\">")?;
        for one in why {
            writeln!(page, "<li>{}</li>", Text(one))?;
        }
        writeln!(page, "</ul>")?;
    }
    match &step.exchange {
        Some(exchange) => exchange_of(page, step, exchange)?,
        None => writeln!(page, "<p class=\"none\">Nothing was sent.</p>")?,
    }
    writeln!(page, "</details></li>")
}

fn exchange_of(page: &mut String, step: &Step, exchange: &Exchange) -> fmt::Result {
    let operation = format!("{} of {}", step.operation, step.service);
    writeln!(page, "<div class=\"exchange\"><div><h4>Request <i>{}</i></h4>", Text(&operation))?;
    writeln!(
        page,
        "<pre>{} {}\n{}</pre></div>",
        Text(&exchange.method),
        Text(&exchange.path),
        Said(&exchange.request)
    )?;
    writeln!(page, "<div><h4>Answer</h4><pre>{}\n{}</pre></div></div>", exchange.status, Said(&exchange.answer))?;
    writeln!(page, "<h4>Again, from a shell</h4><pre class=\"curl\">{}</pre>", Text(&exchange.curl))
}

fn class(count: Count) -> &'static str {
    match count {
        Count { failed: 1.., .. } => "failed",
        Count { skipped: 1.., .. } => "skipped",
        _ => "passed",
    }
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "failed",
        Outcome::Skipped => "skipped",
    }
}

/// Text of anybody's, which cannot become markup.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(self.0))
    }
}

/// A sign for how it ended, with its word for who cannot see it.
struct Mark<'o>(&'o Outcome);

impl Display for Mark<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (sign, word) = match self.0 {
            Outcome::Passed => ("✓", "passed"),
            Outcome::Failed(_) => ("✗", "failed"),
            Outcome::Skipped => ("–", "skipped"),
        };
        write!(f, "<i class=\"mark\" role=\"img\" aria-label=\"{word}\">{sign}</i>")
    }
}

/// How much of it passed, as a bar.
struct Bar(Count);

impl Display for Bar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let share = |part: usize| part * 100 / self.0.total().max(1);
        let (passed, failed) = (share(self.0.passed), share(self.0.failed));
        write!(f, "<i class=\"bar\"><i class=\"p\" style=\"width:{passed}%\"></i>")?;
        write!(f, "<i class=\"f\" style=\"width:{failed}%\"></i></i>")
    }
}

struct Of(Count, &'static str);

impl Display for Of {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.0.passed, self.0.total(), self.1)
    }
}

struct Number(usize, &'static str);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

struct Took(Duration);

impl Display for Took {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_secs_f64() {
            long if long >= 1.0 => write!(f, "{long:.1} s"),
            short => write!(f, "{:.1} ms", short * 1000.0),
        }
    }
}

/// Header fields and body.
struct Said<'m>(&'m Message);

impl Display for Said<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0.headers {
            writeln!(f, "<span class=\"field\">{}:</span> {}", Text(name), Text(value))?;
        }
        match self.0.body.as_str() {
            "" => Ok(()),
            body => write!(f, "\n{}", Text(body)),
        }
    }
}
