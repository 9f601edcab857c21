//! A report as a picture.

use thalweg_data::Images;
use thalweg_plot::{Figure, Histogram, Page, SampleGrid, Tiles};

use super::ImagesReport;

/// The height of a row of histograms, and of the sheet.
const HEIGHT: u32 = 320;
const SHEET: u32 = 620;
/// The pixels along a side of a square of the sheet.
const ROOM: usize = 580;
/// Letters of a line of words.
const LETTERS: usize = 150;

impl ImagesReport {
    pub(super) fn page(&self) -> Page {
        let text = self.to_string();
        let lines: Vec<String> = text.lines().map(shortened).collect();
        let height = 24 + 22 * lines.len() as u32;
        let mut histograms: Vec<Figure> = vec![];
        if !self.bits.is_empty() {
            let bits = Histogram::new("bits/dim").values("", self.bits.iter().copied());
            histograms.push(bits.title("bits/dim of each image").into());
        }
        if let Some(p_values) = &self.p_values {
            let bins = p_values.counts.len() as f64;
            let counts = p_values.counts.iter().enumerate();
            let middles = counts
                .flat_map(|(bin, count)| std::iter::repeat_n((bin as f64 + 0.5) / bins, *count));
            let p_values = Histogram::p_values().values("", middles);
            histograms.push(p_values.title("p-values").into());
        }
        let mut page =
            Page::new("Density of images on held-out images").row(height, [Figure::Words(lines)]);
        if !histograms.is_empty() {
            page = page.row(HEIGHT, histograms);
        }
        if let Some([data, draws]) = &self.sheet {
            let titles = [
                "images".to_owned(),
                format!("draws at temperature {}", self.temperature),
            ];
            let [data, draws] = [(data, &titles[0]), (draws, &titles[1])]
                .map(|(images, title)| Some(tiles(images)?.title(title)));
            if let (Some(data), Some(draws)) = (data, draws) {
                page = page.row(SHEET, [data, draws]);
            }
        }
        page
    }
}

/// A line that ends where the page does.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// As many images as fit in a square of the sheet; none of those that are larger than it.
fn tiles(images: &Images) -> Option<Tiles> {
    let side = images.height().max(images.width());
    let beside = (ROOM / (side + 1)).min(images.count());
    if beside == 0 {
        return None;
    }
    let shown: Vec<usize> = (0..images.count().min(beside * beside)).collect();
    let images = images.select(&shown);
    let white = (images.levels() - 1) as f32;
    let pixels = images.pixels().iter();
    let pixels = pixels.map(|pixel| f32::from(*pixel) / white).collect();
    let grid = SampleGrid::new(images.height(), images.width(), images.channels());
    Some(Tiles::new(grid, pixels))
}
