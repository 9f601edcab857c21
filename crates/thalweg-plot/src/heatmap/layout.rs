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

/// The places of all parts, in pixels of the picture.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) maps: Vec<Place>,
    pub(super) bar: Option<Place>,
    /// The width of the ticks at the left of the first map.
    pub(super) left: u32,
    /// The width of the ticks at the right of the bar.
    pub(super) bar_ticks: u32,
    /// The height of the ticks and names below a map.
    pub(super) below: u32,
    /// The height of the title above a map.
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
        let unless_empty = |text: &str, room: u32| if text.is_empty() { 0 } else { room };
        let shape = (self.region.y[1] - self.region.y[0]) / (self.region.x[1] - self.region.x[0]);
        // Units have one length on both axes, unless one side of the region is more than three times
        // the other.
        let width = self.side;
        let height = (f64::from(width) * shape.clamp(1.0 / 3.0, 3.0)).round() as u32;
        let left = LEFT + unless_empty(&self.y_label, NAME);
        let below = TICKS + unless_empty(&self.x_label, NAME);
        let above = match self.panels.iter().all(|panel| panel.title.is_empty()) {
            true => 12,
            false => PANEL_TITLE,
        };
        let top = above + unless_empty(&self.title, TITLE - 4) + 4;
        let place = |index: usize| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let offset = width.saturating_add(GAP).saturating_mul(index);
            Place {
                x: (EDGE + left).saturating_add(offset),
                y: top,
                width,
                height,
            }
        };
        let end = place(self.panels.len());
        let right = match with_bar {
            true => BAR + BAR_TICKS,
            false => RIGHT.saturating_sub(GAP),
        };
        Layout {
            width: end.x.saturating_add(right),
            height: (top + below + 8).saturating_add(height),
            maps: (0..self.panels.len()).map(place).collect(),
            bar: with_bar.then_some(Place { width: BAR, ..end }),
            left,
            bar_ticks: BAR_TICKS,
            below,
            above,
        }
    }
}
