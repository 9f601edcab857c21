use super::HeatMap;

const EDGE: u32 = 10;
const GAP: u32 = 28;
const LEFT: u32 = 64;
const RIGHT: u32 = 24;
const TITLE: u32 = 36;
const PANEL_TITLE: u32 = 30;
const TICKS: u32 = 24;
const NAME: u32 = 24;
const BAR: u32 = 16;
const BAR_TICKS: u32 = 76;

/// Where everything lies, in pixels of the picture.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) maps: Vec<Place>,
    pub(super) bar: Option<Place>,
    /// The room for ticks left of the first map, and right of the bar.
    pub(super) left: u32,
    pub(super) bar_ticks: u32,
    /// The room below a map.
    pub(super) below: u32,
    /// The room above a map for its title.
    pub(super) above: u32,
}

/// The upper left corner and the size of a map without its labels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl HeatMap {
    pub(super) fn layout(&self, with_bar: bool) -> Layout {
        let shape = (self.region.y[1] - self.region.y[0]) / (self.region.x[1] - self.region.x[0]);
        // A unit is as long both ways, unless the region is more than three times longer one way.
        let (width, height) = (
            self.side,
            (f64::from(self.side) * shape.clamp(1.0 / 3.0, 3.0)).round() as u32,
        );
        let left = LEFT + if self.y_label.is_empty() { 0 } else { NAME };
        let below = TICKS + if self.x_label.is_empty() { 0 } else { NAME };
        let above = if self.panels.iter().all(|panel| panel.title.is_empty()) {
            12
        } else {
            PANEL_TITLE
        };
        let top = above + if self.title.is_empty() { 4 } else { TITLE };
        let place = |index: usize| {
            let x = (EDGE + left).saturating_add(
                width
                    .saturating_add(GAP)
                    .saturating_mul(u32::try_from(index).unwrap_or(u32::MAX)),
            );
            Place {
                x,
                y: top,
                width,
                height,
            }
        };
        let maps: Vec<Place> = (0..self.panels.len()).map(place).collect();
        let end = place(self.panels.len()).x;
        let bar = with_bar.then_some(Place {
            x: end,
            y: top,
            width: BAR,
            height,
        });
        let right = if with_bar {
            BAR + BAR_TICKS
        } else {
            RIGHT.saturating_sub(GAP)
        };
        Layout {
            width: end.saturating_add(right),
            height: (top + below + 8).saturating_add(height),
            maps,
            bar,
            left,
            bar_ticks: BAR_TICKS,
            below,
            above,
        }
    }
}
