//! Expressions: the language in which behaviour says values and conditions. It is that of Jinja, by `minijinja`, with
//! functions for times, money, places, digests, and (in `scope.rs`) for what the mock remembers.
//!
//! A field that is not there is undefined, and so is whatever is asked of it; a value that is undefined is left out of
//! the object that is being built.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use minijinja::{Environment, UndefinedBehavior, Value};
use service_errors::Error;

use crate::page::ForeignCursor;
use crate::{functions, scope};

/// An expression that has no value, because it is wrong or because one of its functions refuses the request.
#[derive(Debug, thiserror::Error)]
#[error("`{text}`: {}", said(source))]
pub struct NoValue {
    text: String,
    source: minijinja::Error,
}

/// What the caller is told: what a function refused with, however deep it stands within others, or a fault of the mock.
impl From<NoValue> for Error {
    fn from(failed: NoValue) -> Self {
        let mut cause = failed.source.source();
        while let Some(known) = cause {
            if let Some(refused) = known.downcast_ref::<ForeignCursor>() {
                return Self::from(*refused);
            }
            cause = known.source();
        }
        Self::internal(failed.to_string())
    }
}

/// One expression, ready to be evaluated.
pub struct Expression {
    text: String,
    compiled: Box<minijinja::Expression<'static, 'static>>,
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    functions::add(&mut environment);
    scope::add(&mut environment);
    environment
});

impl Expression {
    /// Reads an expression. Fails with what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let compiled = ENVIRONMENT.compile_expression_owned(text.to_owned()).map_err(|error| said(&error))?;
        Ok(Self { text: text.to_owned(), compiled: Box::new(compiled) })
    }

    /// The value in this scope.
    pub fn eval(&self, scope: &Value) -> Result<Value, NoValue> {
        self.compiled.eval(scope.clone()).map_err(|source| NoValue { text: self.text.clone(), source })
    }

    /// The names it uses that neither the language nor `known` has.
    pub fn unknown_names(&self, known: impl Fn(&str) -> bool) -> Vec<String> {
        let names = self.compiled.undeclared_variables(false);
        let global = |name: &str| ENVIRONMENT.globals().any(|(global, _)| global == name);
        let mut unknown: Vec<String> = names.into_iter().filter(|name| !known(name) && !global(name)).collect();
        unknown.sort();
        unknown
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The expression of a text that stands within another expression. They come from behaviour alone, so they are few.
pub fn within(text: &str) -> Result<Arc<Expression>, String> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Expression>>>> = LazyLock::new(Mutex::default);
    if let Some(known) = KNOWN.lock().ok().and_then(|known| known.get(text).cloned()) {
        return Ok(known);
    }
    let parsed = Arc::new(Expression::parse(text)?);
    if let Ok(mut known) = KNOWN.lock() {
        known.insert(text.to_owned(), Arc::clone(&parsed));
    }
    Ok(parsed)
}

fn said(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}
