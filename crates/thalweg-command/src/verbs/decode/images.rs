//! Images of latents.

use thalweg::data::Table;
use thalweg::images::{AnyImages, Codes};

use super::Decode;
use crate::console::Console;
use crate::failure::Failure;
use crate::pictures;

impl Decode {
    /// The images of latents.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        let Some(output) = &self.output else {
            let problem =
                "say where the images go: `-o pictures/`, `-o images.idx` or `-o sheet.png`";
            return Err(Failure::Usage(problem.to_owned()));
        };
        pictures::allow(output, 0, None, &self.force)?;
        let ending = self.latents.extension().unwrap_or_default();
        let codes = match ending == "safetensors" {
            true => Codes::load(&self.latents)?,
            false => self.codes(model)?,
        };
        if codes.width() != model.latent_width() {
            return Err(Failure::Usage(format!(
                "{} holds latents of {} numbers, and those of {} have {}; decode by the model that encoded",
                self.latents.display(),
                codes.width(),
                self.model.display(),
                model.latent_width()
            )));
        }
        pictures::allow(output, codes.count(), Some(codes.names()), &self.force)?;
        let images = model.decode(codes.values())?;
        let images = images.with_names(codes.names().to_vec());
        pictures::write(&images, output, None, console)
    }

    /// The latents in a table.
    fn codes(&self, model: &AnyImages) -> Result<Codes, Failure> {
        let table = Table::read(&self.latents)?;
        let missing =
            |problem: String| Failure::Usage(format!("{}: {problem}", self.latents.display()));
        let width = model.latent_width();
        let mut columns = Vec::with_capacity(width);
        for k in 1..=width {
            let name = format!("z_{k}");
            let column = table.column(&name).and_then(|column| column.as_numbers());
            columns.push(column.ok_or_else(|| {
                missing(format!(
                    "it has no numbers \"{name}\", and the model's latents have {width}"
                ))
            })?);
        }
        let row = |row: usize| columns.iter().map(move |z| z[row] as f32);
        let values: Vec<f32> = (0..table.rows()).flat_map(row).collect();
        if values.iter().any(|z| !z.is_finite()) {
            return Err(missing("a number is missing or not finite".to_owned()));
        }
        let names = table.column("name").map(|column| column.values());
        let names = match names {
            Some(thalweg::data::Values::Text(names)) => names
                .iter()
                .enumerate()
                .map(|(row, name)| name.map_or_else(|| row.to_string(), str::to_owned))
                .collect(),
            _ => (0..table.rows()).map(|row| row.to_string()).collect(),
        };
        Ok(Codes::new(width, values, names))
    }
}
