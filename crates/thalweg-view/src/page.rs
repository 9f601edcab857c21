//! What the page asks for, and who answers.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thalweg::burn::tensor::Device;
use thalweg::data::Toy;

use crate::access::Access;
use crate::assets;
use crate::frame::json;
use crate::http::{Body, Handler, Head, Method, Refusal};
use crate::images::{AboutImages, ImagesPage};
use crate::race::{AboutLandscape, AboutMethod, Landscape, methods, relief, run};
use crate::table::{AboutTable, TablePage};
use crate::toy::{Live, Optimizer, Transform, exact};

/// The page of one run.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) access: Access,
    pub(crate) live: Live,
    /// The toy that is trained first.
    pub(crate) first: Toy,
    /// The density of a table, where one was given.
    pub(crate) table: Option<TablePage>,
    /// The density of images, where one was given.
    pub(crate) images: Option<ImagesPage>,
    pub(crate) device: Device,
}

impl Handler for Page {
    fn admit(&self, head: &Head) -> Result<(), Refusal> {
        self.access.path(head).map(drop)
    }

    fn answer(&self, head: &Head, body: &[u8]) -> Result<Body, Refusal> {
        let path = self.access.path(head)?;
        match head.method {
            Method::Get => assets::find(path).ok_or_else(not_found),
            Method::Post => self.numbers(path, body),
        }
    }
}

impl Page {
    fn numbers(&self, path: &str, body: &[u8]) -> Result<Body, Refusal> {
        match path {
            "about" => self.about(),
            "toy/start" => {
                self.live.start(parse(body)?);
                json(&())
            }
            "toy/play" => {
                let Play { playing } = parse(body)?;
                self.live.play(playing);
                json(&())
            }
            "toy/frame" => self.live.frame(&parse(body)?),
            "toy/exact" => {
                let Exact { toy, side } = parse(body)?;
                let toy = toy.parse().map_err(|problem: thalweg::data::DataError| {
                    Refusal::new(422, problem.to_string())
                })?;
                exact(toy, side)
            }
            "table/rows" => self.table()?.rows(&parse(body)?),
            "table/slice" => self.table()?.slice(&parse(body)?),
            "images/draws" => self.images()?.draws(&parse(body)?),
            "images/place" => self.images()?.place(&parse(body)?),
            "images/way" => self.images()?.way(&parse(body)?),
            "race/relief" => relief(&parse(body)?, &self.device),
            "race/run" => run(&parse(body)?, &self.device),
            _ => Err(not_found()),
        }
    }

    fn table(&self) -> Result<&TablePage, Refusal> {
        self.table.as_ref().ok_or_else(not_found)
    }

    fn images(&self) -> Result<&ImagesPage, Refusal> {
        self.images.as_ref().ok_or_else(not_found)
    }

    fn about(&self) -> Result<Body, Refusal> {
        json(&About {
            version: env!("CARGO_PKG_VERSION"),
            first: self.first.name(),
            toys: Toy::ALL.map(|toy| AboutToy {
                name: toy.name(),
                bounds: toy.bounds(),
            }),
            transforms: Transform::ALL,
            optimizers: Optimizer::ALL,
            landscapes: Landscape::ALL.map(Landscape::about),
            methods: methods().into(),
            table: self.table.as_ref().map(TablePage::about),
            images: self.images.as_ref().map(ImagesPage::about),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Play {
    playing: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exact {
    toy: String,
    side: usize,
}

/// What there is to look at.
#[derive(Debug, Serialize)]
struct About {
    version: &'static str,
    first: &'static str,
    toys: [AboutToy; Toy::ALL.len()],
    transforms: [Transform; Transform::ALL.len()],
    optimizers: [Optimizer; Optimizer::ALL.len()],
    landscapes: [AboutLandscape; Landscape::ALL.len()],
    methods: Vec<AboutMethod>,
    table: Option<AboutTable>,
    images: Option<AboutImages>,
}

#[derive(Debug, Serialize)]
struct AboutToy {
    name: &'static str,
    /// Left, right, low, high.
    bounds: [f64; 4],
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|problem| Refusal::new(422, format!("the request: {problem}")))
}

fn not_found() -> Refusal {
    Refusal::new(404, "the page has nothing of this name")
}
