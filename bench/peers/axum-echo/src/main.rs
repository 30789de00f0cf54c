//! Stands for bare axum: it reads the consignment into the same types and answers it in the same envelope. No token, no
//! policy, no validation, no limits, no lines.

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Consignment {
    reference: String,
    consignor: Party,
    consignee: Party,
    pickup: Stop,
    drop: Stop,
    material: Material,
    tonnes: f64,
    items: Vec<Item>,
    price: Money,
    equipment: Vec<String>,
    remarks: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    name: String,
    gstin: String,
    phone: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    lat: f64,
    lng: f64,
    address: String,
    pincode: String,
    at: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Material {
    Coal,
    IronOre,
    Limestone,
    Fertilizer,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    description: String,
    quantity: u32,
    kilograms: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Money {
    amount: i64,
    currency: String,
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

async fn echo(Json(consignment): Json<Consignment>) -> Json<Data<Consignment>> {
    Json(Data { data: consignment })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!(r#"{{"url":"http://{}/bench/v1/echo"}}"#, listener.local_addr()?);
    axum::serve(listener, Router::new().route("/bench/v1/echo", post(echo))).await
}
