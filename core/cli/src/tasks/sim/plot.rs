//! Pictures of what a simulation brought, as SVG.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::failure::Failure;

const WIDTH: u32 = 800;
/// Of one panel.
const HEIGHT: u32 = 280;
/// Half of what the last number across is wide, and more.
const RIGHT: u32 = 36;

/// One panel: what it shows, over what, and its lines.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) across: String,
    /// Whether each step across is ten times the last.
    pub(crate) decades: bool,
    pub(crate) lines: Vec<Line>,
}

/// A line by its points, from left to right.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Told apart without colours too: by width.
const LOOKS: [(RGBColor, u32); 3] = [(RGBColor(0, 90, 156), 3), (RGBColor(190, 60, 0), 2), (RGBColor(90, 90, 90), 1)];

type Area<'a, 'b> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws panels below each other into a file, which is replaced.
///
/// # Errors
/// [`Failure::Folder`] if the file cannot be written.
pub(crate) fn write(path: &Path, panels: &[Panel]) -> Result<(), Failure> {
    std::fs::write(path, picture(panels)).map_err(Failure::unusable(path))
}

/// The picture; what cannot be drawn is left out.
fn picture(panels: &[Panel]) -> String {
    let mut svg = String::new();
    let height = HEIGHT * u32::try_from(panels.len()).unwrap_or(1);
    let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
    // Writing to a string does not fail.
    let _ = area.fill(&WHITE);
    for (part, panel) in area.split_evenly((panels.len(), 1)).iter().zip(panels) {
        let _ = draw(part, panel);
    }
    let _ = area.present();
    drop(area);
    svg
}

fn draw(area: &Area, panel: &Panel) -> Result<(), Box<dyn std::error::Error>> {
    let points = || panel.lines.iter().flat_map(|line| line.points.iter().copied());
    let (left, right) = points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(x), high.max(x)));
    let top = points().map(|(_, y)| y).fold(0.0, f64::max);
    if left > right {
        return Ok(());
    }
    let right = if right > left { right } else { left + 1.0 };
    let top = if top > 0.0 { top * 1.05 } else { 1.0 };
    let mut chart = ChartBuilder::on(area);
    chart
        .caption(&panel.title, ("sans-serif", 18))
        .margin(12)
        .margin_right(RIGHT)
        .x_label_area_size(40)
        .y_label_area_size(70);
    macro_rules! lines {
        ($chart:expr) => {{
            let mut chart = $chart;
            let mut mesh = chart.configure_mesh();
            mesh.x_desc(&panel.across).light_line_style(TRANSPARENT);
            mesh.x_label_formatter(&number).y_label_formatter(&number).draw()?;
            for (line, (colour, width)) in panel.lines.iter().zip(LOOKS.into_iter().cycle()) {
                let style = colour.stroke_width(width);
                let series = LineSeries::new(line.points.iter().copied(), style);
                let drawn = chart.draw_series(series)?;
                drawn.label(&line.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
            }
            if panel.lines.len() > 1 {
                let mut labels = chart.configure_series_labels();
                labels.position(SeriesLabelPosition::UpperLeft).background_style(WHITE).border_style(BLACK).draw()?;
            }
        }};
    }
    if panel.decades {
        lines!(chart.build_cartesian_2d((left.max(1.0)..right).log_scale(), 0.0..top)?);
    } else {
        lines!(chart.build_cartesian_2d(left..right, 0.0..top)?);
    }
    Ok(())
}

/// A number beside an axis: as short as it is, without what adding up such numbers leaves.
fn number(number: &f64) -> String {
    ((number * 1_000.0).round() / 1_000.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(decades: bool, points: &[(f64, f64)]) -> Panel {
        let line = |name: &str| Line { name: name.into(), points: points.to_vec() };
        Panel {
            title: "Messages <all>".into(),
            across: "hours".into(),
            decades,
            lines: vec![line("written"), line("delivered")],
        }
    }

    #[test]
    fn a_picture_names_what_it_shows_and_draws_each_line() {
        for decades in [false, true] {
            let drawn = picture(&[panel(decades, &[(1.0, 1.0), (10.0, 5.0)])]);
            assert!(drawn.contains("Messages &lt;all&gt;") && drawn.contains("hours"), "{drawn}");
            assert!(drawn.contains("written") && drawn.contains("delivered"));
            assert!(drawn.matches("<polyline").count() >= 2, "{drawn}");
        }
    }

    #[test]
    fn numbers_beside_the_axes_are_short() {
        assert_eq!([0.1 + 0.2, 10_000.0, 0.0].map(|one| number(&one)), ["0.3", "10000", "0"]);
        let drawn = picture(&[panel(true, &[(10.0, 1.0), (1_000.0, 5.0)])]);
        assert!(drawn.contains("\n1000\n") && !drawn.contains(".0\n"), "{drawn}");
    }

    #[test]
    fn nothing_to_draw_is_an_empty_picture_and_no_failure() {
        for points in [&[][..], &[(3.0, 0.0)][..]] {
            assert!(picture(&[panel(false, points), panel(true, points)]).trim_end().ends_with("</svg>"));
        }
    }
}
