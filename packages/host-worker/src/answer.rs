//! The pipeline's answer as the runtime's.
//!
//! Most header fields of an answer say what those of the last one said. The runtime copies a list it has taken before in
//! a fifth of the time that it needs to take one, so lists are kept, and only what differs is said.

use std::cell::RefCell;
use std::str::{Utf8Error, from_utf8};

use bytes::Bytes;
use http::{HeaderMap, Response, header};
use serde::Serializer as _;
use worker::js_sys::JSON;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::web_sys::{self, Headers};

#[wasm_bindgen(module = "/src/crossing.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = answerOf)]
    fn answer_of(status: u16, body: &[u8], fields: &Headers, changed: &str) -> Result<web_sys::Response, JsValue>;
}

/// Gives an answer to the runtime.
///
/// # Errors
///
/// The runtime does not take it.
pub fn respond(answer: Response<Bytes>) -> worker::Result<web_sys::Response> {
    let (mut head, body) = answer.into_parts();
    // The runtime counts for itself.
    head.headers.remove(header::CONTENT_LENGTH);
    let status = head.status.as_u16();
    if head.headers.keys_len() < head.headers.len() {
        return Ok(answer_of(status, &body, &taken(&head.headers)?, "")?);
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known.iter().find(|known| known.fields.keys().eq(head.headers.keys())) {
            return Ok(answer_of(status, &body, &known.taken, &known.changed(&head.headers)?)?);
        }
        let taken = taken(&head.headers)?;
        let answer = answer_of(status, &body, &taken, "")?;
        if known.len() == MOST {
            known.remove(0);
        }
        known.push(Known { fields: head.headers, taken });
        Ok(answer)
    })
}

/// So many lists are kept: the operations of a service differ in few fields.
const MOST: usize = 16;

thread_local! {
    static KNOWN: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

/// Header fields that the runtime has taken once, no name twice.
struct Known {
    fields: HeaderMap,
    taken: Headers,
}

impl Known {
    /// What these fields of the same names say otherwise: a line for each name and each value.
    fn changed(&self, fields: &HeaderMap) -> Result<String, Utf8Error> {
        let mut text = String::new();
        for ((name, value), known) in fields.iter().zip(self.fields.values()) {
            if value != known {
                for line in [name.as_str(), from_utf8(value.as_bytes())?] {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }
}

/// The runtime's list of these fields. It reads an object in half the time of a list of pairs, but a name may come twice.
fn taken(fields: &HeaderMap) -> worker::Result<Headers> {
    let mut texts = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        texts.push((name.as_str(), from_utf8(value.as_bytes())?));
    }
    if fields.keys_len() < fields.len() {
        let pairs = JSON::parse(&serde_json::to_string(&texts)?)?;
        return Ok(Headers::new_with_str_sequence_sequence(&pairs)?);
    }
    let mut text = Vec::with_capacity(1024);
    serde_json::Serializer::new(&mut text).collect_map(texts)?;
    Ok(Headers::new_with_record_from_str_to_str(JSON::parse(from_utf8(&text)?)?.unchecked_ref())?)
}
