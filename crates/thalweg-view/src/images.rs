//! A density of images: a plane of its latents, draws at a temperature, and ways between images.

use std::f32::consts::FRAC_PI_2;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thalweg::data::Images;
use thalweg::images::AnyImages;

use crate::frame::frame;
use crate::http::{Body, Refusal};
use crate::limits::within;

/// Images that ways may begin and end at.
const ENDS: usize = 24;
/// The most images of one reply.
const MOST: usize = 64;
/// The largest temperature: beyond it nothing but noise is seen.
const HOT: f64 = 3.0;

/// A density of images, and images to go between.
#[derive(Debug)]
pub(crate) struct ImagesPage {
    model: AnyImages,
    /// Images of the data, or of the model where there are none.
    ends: Images,
    has_data: bool,
    /// The plane that was looked at last: a reader drags through one plane for a while.
    plane: Mutex<Option<(PlaneKey, [Vec<f32>; 3])>>,
}

/// What three latents span a plane.
#[derive(Debug, Clone, PartialEq)]
struct PlaneKey {
    seed: u64,
    temperatures: Vec<f64>,
}

/// A place in a plane of latents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceAsk {
    seed: u64,
    /// One for each scale, finest first.
    temperatures: Vec<f64>,
    /// Angles along the two directions, in quarters of a turn.
    at: [f32; 2],
}

/// Draws of the model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawsAsk {
    seed: u64,
    /// One for each scale, finest first.
    temperatures: Vec<f64>,
    count: usize,
}

/// The way from one of the images to another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WayAsk {
    from: usize,
    to: usize,
    steps: usize,
}

/// What the page says of a model of images.
#[derive(Debug, Serialize)]
pub(crate) struct AboutImages {
    name: &'static str,
    /// Channels, height and width.
    shape: [usize; 3],
    /// At which draws look best.
    temperature: f64,
    /// Scales of the prior, each with a temperature of its own.
    scales: usize,
    ends: usize,
    has_data: bool,
}

/// Images; the shares of their levels lie behind it, `[count, channels, height, width]`.
#[derive(Debug, Serialize)]
struct Shown {
    count: usize,
    shape: [usize; 3],
}

impl ImagesPage {
    /// # Errors
    ///
    /// A model that draws nothing.
    pub(crate) fn new(
        model: AnyImages,
        data: Option<Images>,
    ) -> Result<Self, thalweg::images::ImagesError> {
        let has_data = data.is_some();
        let ends = match data {
            Some(images) => images.select(&(0..images.count().min(ENDS)).collect::<Vec<_>>()),
            None => model.sample(ENDS, model.temperature(), 0)?,
        };
        Ok(Self {
            model,
            ends,
            has_data,
            plane: Mutex::default(),
        })
    }

    pub(crate) fn about(&self) -> AboutImages {
        AboutImages {
            name: self.model.name(),
            shape: self.model.image().shape(),
            temperature: self.model.temperature(),
            scales: self.model.scales(),
            ends: self.ends.count(),
            has_data: self.has_data,
        }
    }

    pub(crate) fn draws(&self, ask: &DrawsAsk) -> Result<Body, Refusal> {
        temperate(&ask.temperatures)?;
        within("the number of draws", ask.count, 1..=MOST)?;
        let images = self
            .model
            .sample_scales(ask.count, &ask.temperatures, ask.seed);
        shown(&images.map_err(refused)?)
    }

    /// The image of a place in the plane of three latents.
    pub(crate) fn place(&self, ask: &PlaceAsk) -> Result<Body, Refusal> {
        temperate(&ask.temperatures)?;
        for angle in ask.at {
            within("a place in the plane", angle, -1.0..=1.0)?;
        }
        let key = PlaneKey {
            seed: ask.seed,
            temperatures: ask.temperatures.clone(),
        };
        let [centre, right, up] = self.plane(key)?;
        // On a sphere, where the latents of images lie; on a plane they would leave it for its inside.
        let [(sin_u, cos_u), (sin_v, cos_v)] = ask.at.map(|angle| (FRAC_PI_2 * angle).sin_cos());
        let latent: Vec<f32> = centre
            .iter()
            .zip(right.iter().zip(up.iter()))
            .map(|(c, (r, u))| cos_v * (cos_u * c + sin_u * r) + sin_v * u)
            .collect();
        shown(&self.model.decode(&latent).map_err(refused)?)
    }

    /// The images between two, both included.
    pub(crate) fn way(&self, ask: &WayAsk) -> Result<Body, Refusal> {
        within("the number of steps", ask.steps, 2..=MOST)?;
        let last = self.ends.count().saturating_sub(1);
        within("the first image", ask.from, 0..=last)?;
        within("the last image", ask.to, 0..=last)?;
        let ends = self.ends.select(&[ask.from, ask.to]);
        shown(&self.model.strip(&ends, ask.steps).map_err(refused)?)
    }

    /// Latents of three draws: they are spread as the model's own latents are, whatever its base density is.
    fn plane(&self, key: PlaneKey) -> Result<[Vec<f32>; 3], Refusal> {
        let mut last = self.plane.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, plane)) = &*last
            && *known == key
        {
            return Ok(plane.clone());
        }
        let images = self
            .model
            .sample_scales(3, &key.temperatures, key.seed)
            .map_err(refused)?;
        let latents = self.model.encode(&images).map_err(refused)?;
        let latents: Vec<_> = latents
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(refused)?;
        let plane: [Vec<f32>; 3] = latents
            .try_into()
            .map_err(|_| Refusal::new(500, "three draws have three latents"))?;
        *last = Some((key, plane.clone()));
        Ok(plane)
    }
}

fn temperate(temperatures: &[f64]) -> Result<(), Refusal> {
    let mut all = temperatures.iter();
    all.try_for_each(|temperature| within("the temperature", *temperature, 0.0..=HOT))
}

fn refused<E: ToString>(problem: E) -> Refusal {
    Refusal::new(422, problem.to_string())
}

fn shown(images: &Images) -> Result<Body, Refusal> {
    let highest = images.levels().saturating_sub(1).max(1) as f32;
    let shares: Vec<f32> = images
        .pixels()
        .iter()
        .map(|level| f32::from(*level) / highest)
        .collect();
    frame(
        &Shown {
            count: images.count(),
            shape: images.size(),
        },
        &shares,
    )
}
