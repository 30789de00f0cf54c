//! The contracts of the services beside the services themselves: `/<service>/openapi.json`, `/<service>/asyncapi.json`
//! and `/<service>/reference`, a page for people.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use operation::{Body, BoxFuture, Endpoint, Environment, refuse, secure};
use service_errors::{Error, Kind};
use spec::artifact::{ASYNCAPI, Artifacts, BUNDLE, OPENAPI, OPENAPI_3_0};
use swagger_ui_redist::{SwaggerUi, SwaggerUiStaticFile};

use crate::publish::contracts;

/// Answers for the contracts, and leaves everything else to the services.
pub struct Reference {
    services: Arc<dyn Endpoint>,
    environment: Environment,
    /// Per service and name. Made when the first is asked for: the start waits for nothing it does not need.
    documents: OnceLock<BTreeMap<(&'static str, &'static str), Bytes>>,
}

impl Reference {
    /// The contracts of `environment` beside these services.
    pub fn beside(services: Arc<dyn Endpoint>, environment: Environment) -> Self {
        Self { services, environment, documents: OnceLock::new() }
    }

    fn documents(&self) -> &BTreeMap<(&'static str, &'static str), Bytes> {
        self.documents.get_or_init(|| {
            let mut documents = BTreeMap::new();
            for contract in &contracts() {
                for file in Artifacts::of(contract).files(self.environment) {
                    documents.insert((contract.service, file.name), file.text.into());
                }
            }
            documents
        })
    }

    /// What stands at a path, if it is one of ours.
    fn find(&self, path: &str) -> Option<Page> {
        let (service, rest) = path.strip_prefix('/')?.split_once('/')?;
        let ours = [OPENAPI, OPENAPI_3_0, ASYNCAPI, BUNDLE, "", PAGE];
        if !ours.contains(&rest) && !rest.starts_with(ASSETS) {
            return None;
        }
        let ((service, _), _) = self.documents().iter().find(|((known, _), _)| *known == service)?;
        let page = match rest {
            "" => Page::elsewhere(format!("/{service}/{PAGE}")),
            PAGE => Page::of("text/html; charset=utf-8", html(service, self.environment.name()).into()),
            _ => match rest.strip_prefix(ASSETS) {
                Some(START) => Page::of("text/javascript; charset=utf-8", Bytes::from_static(SCRIPT.as_bytes())),
                Some(asset) => {
                    let known = SwaggerUi::static_files().iter().find(|(file, _)| file.file_name() == asset);
                    known.map(|(file, bytes)| Page::of(media_type(*file), Bytes::from_static(bytes)))?
                }
                None => {
                    let names = self.documents().iter().find(|((known, name), _)| known == service && *name == rest);
                    Page::of("application/json", names?.1.clone())
                }
            },
        };
        Some(page)
    }
}

impl Endpoint for Reference {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let Some(page) = self.find(request.uri().path()) else { return self.services.call(request) };
        let answer = match *request.method() {
            Method::GET => page.answer(),
            Method::HEAD => page.answer_head(),
            _ => {
                let error =
                    Error::new(Kind::MethodNotAllowed).with_details(serde_json::json!({ "allow": "GET, HEAD" }));
                refuse(&error, request.headers(), self.environment)
            }
        };
        Box::pin(std::future::ready(answer))
    }
}

/// What is answered.
struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Page {
    fn of(media_type: &'static str, body: Bytes) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        Self { status: StatusCode::OK, headers, body }
    }

    fn elsewhere(place: String) -> Self {
        let location = HeaderValue::try_from(place).map(|place| (header::LOCATION, place));
        Self { status: StatusCode::FOUND, headers: location.into_iter().collect(), body: Bytes::new() }
    }

    fn answer(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        secure(response.headers_mut(), false);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }

    fn answer_head(self) -> Response<Bytes> {
        let length = self.body.len();
        let mut response = self.answer();
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        *response.body_mut() = Bytes::new();
        response
    }
}

/// What the page may do: run and show what comes from here, and call the services here. The renderer sets styles of
/// elements from its script, and has its icons as `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The name of the page below its service.
pub const PAGE: &str = "reference";
const ASSETS: &str = "reference/";
const START: &str = "start.js";

fn html(service: &str, enver: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{service} ({enver})</title>
<link rel="icon" href="reference/favicon-32x32.png">
<link rel="stylesheet" href="reference/swagger-ui.css">
</head>
<body>
<main id="reference"></main>
<noscript>The contract of this service: <a href="openapi.json">openapi.json</a>, <a href="asyncapi.json">asyncapi.json</a></noscript>
<script src="reference/swagger-ui-bundle.js"></script>
<script src="reference/{START}"></script>
</body>
</html>
"#
    )
}

/// Starts the renderer. A call that is tried out goes to this origin, where the services are.
const SCRIPT: &str = r##"SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  displayOperationId: true,
  defaultModelsExpandDepth: 0,
  showExtensions: true,
  validatorUrl: null,
});
"##;

fn media_type(file: SwaggerUiStaticFile) -> &'static str {
    match file.file_name().rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/png",
    }
}
