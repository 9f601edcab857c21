//! Samples of images.

use thalweg::images::AnyImages;

use super::Sample;
use crate::console::Console;
use crate::data::refuse;
use crate::failure::Failure;
use crate::pictures;

impl Sample {
    /// Draws images.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        let given = [
            ("given", !self.given.is_empty()),
            ("given-table", self.given_table.is_some()),
        ];
        refuse(
            &given,
            "an option of tables, and the model is a density of images",
        )?;
        self.csv.refuse_for_images()?;
        let Some(output) = &self.output else {
            let problem =
                "say where the images go: `-o sheet.png`, `-o images.idx` or `-o folder/`";
            return Err(Failure::Usage(problem.to_owned()));
        };
        pictures::allow(output, self.rows, None, &self.force)?;
        let temperature = self.temperature.unwrap_or(model.temperature());
        let images = model.sample(self.rows, temperature, self.seed)?;
        pictures::write(&images, output, None, console)
    }
}
