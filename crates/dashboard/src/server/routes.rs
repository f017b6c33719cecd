//! What may be asked, and the headers of every answer.

use super::{Shared, assets, examine};
use crate::answers::{curves, list, pictures, run, settings, values};
use crate::store::Source;
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::SystemTime;

/// The page may load its own files and ask its own server, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// A picture or report of a run is shown, and runs nothing, even when opened by itself.
const PICTURE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
/// Points of a curve that are sent if the page does not say.
const POINTS: usize = 600;

type App = State<Arc<Shared>>;

/// Every answer there is.
pub fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/runs", get(runs))
        .route("/api/curves", get(curves))
        .route("/api/settings", get(settings))
        .route("/api/runs/{id}", get(detail))
        .route("/api/runs/{id}/values", get(values))
        .route("/api/runs/{id}/pictures", get(pictures))
        .route("/api/runs/{id}/examine", post(examine))
        .route("/pictures/{id}/{file}", get(picture))
        .fallback(asset)
        .layer(from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

/// Refuses who may not ask, and adds the headers that keep the page to itself.
async fn guard(State(shared): App, request: Request, next: Next) -> Response {
    let opens = request.method() == Method::GET && request.uri().path() == "/";
    let mut response = match admitted(&shared, &request, opens) {
        Ok(None) => next.run(request).await,
        Ok(Some(entrance)) => entrance,
        Err(refusal) => {
            let status = match refusal {
                super::gate::Refusal::Token => StatusCode::UNAUTHORIZED,
                _ => StatusCode::FORBIDDEN,
            };
            problem(status, refusal.text())
        }
    };
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a request is admitted; who comes with the token in the address gets a
/// cookie for it, and an address without it.
fn admitted(
    shared: &Shared,
    request: &Request,
    opens: bool,
) -> Result<Option<Response>, super::gate::Refusal> {
    let gate = &shared.gate;
    let shown = request.uri().query().and_then(|query| query.strip_prefix("token="));
    match gate.admit(request.headers(), opens) {
        Err(super::gate::Refusal::Token) if opens && shown.is_some_and(|t| gate.is_token(t)) => {}
        other => return other.map(|()| None),
    }
    let token = shown.unwrap_or_default();
    let cookie = format!("{}={token}; HttpOnly; SameSite=Strict; Path=/", gate.cookie());
    let headers = [(header::LOCATION, "/".to_string()), (header::SET_COOKIE, cookie)];
    Ok(Some((StatusCode::SEE_OTHER, headers).into_response()))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn runs(State(shared): App, Query(query): Query<Since>) -> Response {
    json(&list::list(&shared.store, &shared.session, query.since))
}

#[derive(Deserialize)]
struct Several {
    runs: String,
    points: Option<usize>,
    from: Option<u64>,
    to: Option<u64>,
}

async fn curves(State(shared): App, Query(query): Query<Several>) -> Response {
    let runs = shared.store.find_all(&query.runs);
    let range = query.from.unwrap_or(0)..=query.to.unwrap_or(u64::MAX);
    json(&curves::curves(&runs, query.points.unwrap_or(POINTS), range))
}

async fn settings(State(shared): App, Query(query): Query<Several>) -> Response {
    json(&settings::settings(&shared.store.find_all(&query.runs), shared.gate.is_local()))
}

async fn detail(State(shared): App, Path(id): Path<String>) -> Response {
    with_run(&shared, &id, |run| json(&run::detail(run, SystemTime::now())))
}

#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    of: String,
}

async fn values(State(shared): App, Path(id): Path<String>, Query(query): Query<Of>) -> Response {
    with_run(&shared, &id, |run| json(&values::values(run, &query.of)))
}

async fn pictures(State(shared): App, Path(id): Path<String>) -> Response {
    with_run(&shared, &id, |run| json(&pictures::pictures(run)))
}

async fn picture(State(shared): App, Path((id, file)): Path<(String, String)>) -> Response {
    with_run(&shared, &id, |run| match pictures::picture(run, &file) {
        Some((mime, bytes)) => {
            let policy = (header::CONTENT_SECURITY_POLICY, PICTURE_POLICY);
            ([(header::CONTENT_TYPE, mime), policy], bytes).into_response()
        }
        None => problem(StatusCode::NOT_FOUND, "there is no such picture in this run's folder"),
    })
}

async fn examine(State(shared): App, Path(id): Path<String>) -> Response {
    if !shared.gate.is_local() {
        let reason = "over a network only what was recorded is shown; run `gradwise doctor` there";
        return problem(StatusCode::FORBIDDEN, reason);
    }
    match shared.store.find(&id) {
        Some(run) => {
            examine::start(shared, run);
            StatusCode::ACCEPTED.into_response()
        }
        None => no_such_run(),
    }
}

async fn asset(request: Request) -> Response {
    if request.method() != Method::GET {
        return problem(StatusCode::METHOD_NOT_ALLOWED, "nothing is changed here");
    }
    match assets::find(request.uri().path()) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.mime)], asset.text).into_response(),
        None => problem(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

fn with_run(shared: &Shared, id: &str, answer: impl FnOnce(&Source) -> Response) -> Response {
    shared.store.find(id).map_or_else(no_such_run, |run| answer(&run))
}

fn no_such_run() -> Response {
    problem(StatusCode::NOT_FOUND, "there is no such run (any more)")
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// A refusal or failure in words, as plain text.
fn problem(status: StatusCode, text: &str) -> Response {
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, plain, text.to_string()).into_response()
}
