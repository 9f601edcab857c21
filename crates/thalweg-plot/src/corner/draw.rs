use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::element::Text;
use plotters::prelude::{Color, DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{CornerPlot, LARGEST, cells};
use crate::PlotError;
use crate::axis::Axis;
use crate::frame::Chart;
use crate::legend::{self, Entry, Mark};
use crate::render::{Draw, INK, draw_error, outline, text};

const LEFT: u32 = 92;
const BELOW: u32 = 50;
const RIGHT: u32 = 16;
const TOP: u32 = 12;
const TITLE: u32 = 34;
const GAP: u32 = 8;
/// The width of ten letters of a tick and of a name, for how many there is room.
const TICK_LETTERS: u32 = 65;
const NAME_LETTERS: u32 = 80;
/// The width of the shortest name of a category, and the height of a line of ticks.
const SHORTEST: u32 = 34;
const LINE: u32 = 16;

impl CornerPlot {
    fn drawn(&self) -> u32 {
        self.columns.len().min(LARGEST) as u32
    }

    fn top(&self) -> u32 {
        TOP + if self.title.is_empty() { 0 } else { TITLE }
    }

    fn check(&self) -> Result<(), PlotError> {
        let Some(first) = self.columns.first() else {
            return Err(PlotError::Empty("the corner plot has no column"));
        };
        let expected = first.lengths();
        for column in &self.columns {
            for (sample, got) in column.lengths().into_iter().enumerate() {
                if got != expected[sample] {
                    let expected = format!(
                        "{} values of \"{}\" in the column \"{}\", as in \"{}\"",
                        expected[sample], self.names[sample], column.name, first.name
                    );
                    return Err(PlotError::Shape { expected, got });
                }
            }
        }
        Ok(())
    }
}

impl Draw for CornerPlot {
    fn size(&self) -> (u32, u32) {
        let count = self.drawn().max(1);
        // A single cell leaves no free corner for the legend.
        let side = self.side.unwrap_or((900 / count).clamp(110, 240));
        let cells = count.saturating_mul(side.saturating_add(GAP));
        let legend = if count == 1 { 200 } else { 0 };
        (
            cells.saturating_add(LEFT + RIGHT + legend),
            cells.saturating_add(self.top() + BELOW),
        )
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        self.check()?;
        let count = self.drawn();
        let (width, height) = root.dim_in_pixel();
        let (width, height) = (width / zoom, height / zoom);
        let room = |all: u32, used: u32| (all.saturating_sub(used) / count).saturating_sub(GAP);
        let side = match count {
            1 => room(width.saturating_sub(200), LEFT + RIGHT),
            _ => room(width, LEFT + RIGHT),
        };
        let side = side.min(room(height, self.top() + BELOW)).max(20);
        let columns = &self.columns[..count as usize];
        // Labels below share a cell's width, those at the left have a room of their own and share its height.
        let across = columns.iter().map(|column| {
            let most = (side / SHORTEST).max(1) as usize;
            let shown = column.categories().unwrap_or(1).clamp(1, most);
            column.axis((10 * side / TICK_LETTERS) as usize / shown, most)
        });
        let across = across.collect::<Result<Vec<_>, _>>()?;
        let up = columns
            .iter()
            .map(|column| column.axis(9, (side / LINE).max(1) as usize));
        let up = up.collect::<Result<Vec<_>, _>>()?;
        let cell = |row: usize, column: usize| {
            let along = |index: usize| index as u32 * (side + GAP);
            (LEFT + along(column), self.top() + along(row))
        };
        for row in 0..columns.len() {
            for column in 0..=row {
                let outer = [column == 0 && row > 0, row + 1 == columns.len()];
                let (x, bins) = &across[column];
                let place = Place {
                    corner: cell(row, column),
                    side,
                    outer,
                };
                if row == column {
                    let heights = [0, 1].map(|sample| cells::heights(&columns[row], sample, *bins));
                    let tallest = heights.iter().flatten().fold(0.0, |a: f64, b| a.max(*b));
                    let y = Axis::numbers((0.0, if tallest > 0.0 { 1.08 * tallest } else { 1.0 }));
                    let mut chart =
                        place.frame(root, zoom, (x, &y), [&columns[column].name, ""])?;
                    cells::draw_diagonal(&mut chart, &columns[row], *bins, &heights, zoom)?;
                } else {
                    let names = [&columns[column].name, &columns[row].name].map(String::as_str);
                    let mut chart = place.frame(root, zoom, (x, &up[row].0), names)?;
                    cells::draw_pair(
                        &mut chart,
                        [&columns[column], &columns[row]],
                        [x, &up[row].0],
                        zoom,
                    )?;
                }
            }
        }
        let middle = ((width / 2 * zoom) as i32, ((TOP + TITLE / 2) * zoom) as i32);
        let style = text(18 * zoom).pos(Pos::new(HPos::Center, VPos::Center));
        root.draw(&Text::new(self.title.clone(), middle, style))
            .map_err(draw_error)?;
        // Right of the diagonal all is free: the legend begins where it passes below it.
        let entries = self.legend(zoom);
        let rows = legend::height(entries.len())
            .div_ceil(side + GAP)
            .min(count);
        let (x, y) = cell(0, rows.max(1) as usize);
        let legend = root.clone().shrink(
            (
                (x + 10).min(width) as i32 * zoom as i32,
                y as i32 * zoom as i32,
            ),
            (
                width.saturating_sub(x + 10) * zoom,
                height.saturating_sub(y) * zoom,
            ),
        );
        legend::draw_column(&legend, &entries, zoom)
    }
}

impl CornerPlot {
    fn legend(&self, zoom: u32) -> Vec<Entry> {
        let columns = &self.columns[..self.drawn() as usize];
        let numbers = columns
            .iter()
            .filter(|column| column.categories().is_none())
            .count();
        let mut entries = vec![
            Entry::new(&self.names[0], Mark::Area(cells::fill())),
            Entry::new(&self.names[1], Mark::Ring(cells::line(zoom))),
        ];
        if numbers > 1 {
            let name = format!("50 and 90 % of {}", self.names[1]);
            entries.push(Entry::new(&name, Mark::Line(cells::line(zoom))));
        }
        if numbers > 0 && numbers < columns.len() {
            let mark = Mark::Line(INK.stroke_width(zoom));
            entries.push(Entry::new("5–95, 25–75 %, median", mark));
        }
        if columns.len() > numbers + 1 {
            entries.push(Entry::new("share, as an area", Mark::Dot(INK.mix(1.0))));
        }
        if self.columns.len() > LARGEST {
            let name = format!("first {LARGEST} of {} columns", self.columns.len());
            entries.push(Entry::new(&name, Mark::Area(cells::fill().mix(0.0))));
        }
        entries
    }
}

/// The place of a cell, in pixels of the picture.
struct Place {
    corner: (u32, u32),
    side: u32,
    /// Whether it has labels at the left and below.
    outer: [bool; 2],
}

impl Place {
    fn frame<'a, B: DrawingBackend + 'a>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
        (x, y): (&Axis, &Axis),
        [x_name, y_name]: [&str; 2],
    ) -> Result<Chart<'a, B>, PlotError> {
        let left = if self.outer[0] { LEFT - 6 } else { 0 };
        let below = if self.outer[1] { BELOW - 4 } else { 0 };
        let corner = ((self.corner.0 - left) * zoom, self.corner.1 * zoom);
        let area = root.clone().shrink(
            (corner.0 as i32, corner.1 as i32),
            ((self.side + left) * zoom, (self.side + below) * zoom),
        );
        let mut chart = ChartBuilder::on(&area)
            .x_label_area_size(below * zoom)
            .y_label_area_size(left * zoom)
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(draw_error)?;
        let letters = (10 * self.side / NAME_LETTERS) as usize;
        let mut mesh = chart.configure_mesh();
        mesh.disable_mesh()
            .x_labels(4)
            .y_labels(4)
            .label_style(text(12 * zoom))
            .axis_desc_style(text(14 * zoom))
            .axis_style(INK.stroke_width(zoom))
            .set_all_tick_mark_size(4 * zoom as i32);
        if self.outer[1] {
            mesh.x_desc(legend::shortened(x_name, letters));
        }
        if self.outer[0] {
            mesh.y_desc(legend::shortened(y_name, letters));
        }
        mesh.draw().map_err(draw_error)?;
        let ends = [(x.low, y.low), (x.high, y.high)];
        let border = outline(ends, INK.stroke_width(zoom));
        chart.draw_series([border]).map_err(draw_error)?;
        Ok(chart)
    }
}
