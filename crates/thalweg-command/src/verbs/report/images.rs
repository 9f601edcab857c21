//! A report on images.

use thalweg::images::{AnyImages, ImagesReportBuilder};

use super::Report;
use crate::console::Console;
use crate::failure::Failure;
use crate::images::{ImageChunk, ImageChunks};
use crate::pipeline;

impl Report {
    /// Reads, scores and counts images in parts.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        self.csv.refuse_for_images()?;
        let report = pipeline::run(
            ImageChunks::open(&self.data, model)?,
            |chunk: ImageChunk| Ok((model.log_prob(&chunk.images)?, chunk)),
            || Ok(model.reporting()),
            |report: &mut ImagesReportBuilder<'_>, (nats, chunk)| {
                let mut names = vec![];
                for place in chunk.places {
                    match place.image {
                        Ok(_) => names.push(place.name),
                        Err(problem) => report.refuse(&place.name, &problem),
                    }
                }
                Ok(report.add_scored(&chunk.images.with_names(names), &nats)?)
            },
            |report| Ok(report.finish()?),
        )?;
        self.give(
            || report.to_string(),
            || report.to_json(),
            |path| report.save(path),
            console,
        )
    }
}
