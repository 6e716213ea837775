//! `/`: tells whoever looks in what this is and where to go on.

use super::routes;
use axum::http::header;
use axum::response::IntoResponse;
use std::fmt::Write;

pub(super) async fn show() -> impl IntoResponse {
    let mut page = format!("Quell {}: answers at\n\n", env!("CARGO_PKG_VERSION"));
    for route in routes::table() {
        writeln!(page, "{:4} {}", route.method.as_str(), route.path).expect("writing to a string never fails");
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], page)
}
