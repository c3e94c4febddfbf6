(function () {
  "use strict";
  var script = document.currentScript;
  var frame = script.closest(".pomona");
  var plot = frame.querySelector(".pomona-plot");
  var figure = JSON.parse(frame.querySelector(".pomona-figure").textContent);
  var colors = ["#4269d0", "#ef8b18", "#3ca951", "#e0575b", "#a463f2", "#20a5a5", "#e377ab", "#9c6b4e", "#97bbf5", "#9498a0"];

  function inflate() {
    var packed = atob(document.querySelector("script[data-pomona-library]").textContent);
    var bytes = new Uint8Array(packed.length);
    for (var i = 0; i < packed.length; i++) {
      bytes[i] = packed.charCodeAt(i);
    }
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  // The library sees a module of its own: not the page's Plotly, nor its AMD loader, nor a MathJax too new for it.
  function evaluate(source) {
    var module = { exports: {} };
    new Function("module", "exports", "define", "require", "MathJax", source)(module, module.exports);
    return module.exports;
  }

  function library() {
    if (!window.__pomonaPlotly) {
      window.__pomonaPlotly = Promise.resolve().then(inflate).then(evaluate);
      window.__pomonaPlotly.catch(function () {
        window.__pomonaPlotly = undefined;
      });
    }
    return window.__pomonaPlotly;
  }

  function ink(alpha) {
    var rgb = getComputedStyle(frame).color.match(/[\d.]+/g).map(Number);
    return "rgba(" + rgb[0] + "," + rgb[1] + "," + rgb[2] + "," + alpha + ")";
  }

  function isDark() {
    var rgb = getComputedStyle(frame).color.match(/[\d.]+/g).map(Number);
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] > 140;
  }

  function merge(defaults, given) {
    var out = Object.assign({}, defaults, given);
    Object.keys(defaults).forEach(function (key) {
      var both = [defaults[key], out[key]];
      var objects = both.every(function (v) {
        return v !== null && typeof v === "object" && !Array.isArray(v);
      });
      if (objects) {
        out[key] = merge(defaults[key], out[key]);
      }
    });
    return out;
  }

  function axis() {
    return {
      automargin: true, gridcolor: ink(0.13), zerolinecolor: ink(0.25), linecolor: ink(0.35), tickcolor: ink(0.35),
      zerolinewidth: 1, title: { standoff: 12, font: { size: 13 } }
    };
  }

  // Logarithmic axes have whole numbers at every doubling, or at powers of ten when there are many decades.
  function logTicks(letter) {
    var values = [].concat.apply([], figure.data.map(function (trace) {
      return (trace[letter] || []).map(Number).filter(function (v) { return v > 0; });
    }));
    var decades = Math.log10(Math.max.apply(null, values) / Math.min.apply(null, values));
    return { tickmode: "linear", tick0: 0, dtick: decades > 2.5 ? 1 : Math.log10(2) };
  }

  // Texts may reach over the edge of the plot, and where every point carries its name a legend says nothing new.
  function data() {
    return figure.data.map(function (trace) {
      return merge(/text/.test(trace.mode) ? { cliponaxis: false } : {}, trace);
    });
  }

  function layout() {
    var style = getComputedStyle(frame);
    var themed = {
      autosize: true, colorway: colors, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: style.fontFamily, size: 12, color: ink(0.87) },
      title: { x: 0, xref: "paper", xanchor: "left", font: { size: 16, color: ink(1) } },
      margin: { l: 60, r: 24, t: figure.layout.title ? 56 : 20, b: 52 },
      legend: { bgcolor: "rgba(0,0,0,0)" },
      hoverlabel: { bgcolor: isDark() ? "#303030" : "#ffffff", bordercolor: ink(0.3), font: { color: ink(1) } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink(0.4), activecolor: ink(0.9) }
    };
    if (figure.data.every(function (trace) { return /text/.test(trace.mode); })) {
      themed.showlegend = false;
    }
    Object.keys(figure.layout).concat("xaxis", "yaxis").forEach(function (key) {
      if (/^[xy]axis\d*$/.test(key)) {
        var log = (figure.layout[key] || {}).type === "log";
        themed[key] = Object.assign(axis(), log ? logTicks(key.charAt(0)) : {});
      }
    });
    return merge(themed, JSON.parse(JSON.stringify(figure.layout)));
  }

  function draw(Plotly) {
    var config = {
      responsive: true, displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toggleSpikelines", "hoverClosestCartesian",
        "hoverCompareCartesian"]
    };
    plot.textContent = "";
    plot.style.height = (figure.layout.height || 420) + "px";
    if (figure.layout.width) {
      plot.style.width = figure.layout.width + "px";
    }
    Plotly.newPlot(plot, data(), layout(), merge(config, figure.config)).then(function () {
      follow(Plotly);
    });
  }

  // Side bars and themes change without telling the window.
  function follow(Plotly) {
    var theme = getComputedStyle(frame).color;
    function retheme() {
      if (frame.isConnected && getComputedStyle(frame).color !== theme) {
        theme = getComputedStyle(frame).color;
        Plotly.react(plot, data(), layout());
      }
    }
    var width = plot.clientWidth;
    new ResizeObserver(function () {
      if (plot.clientWidth > 0 && plot.clientWidth !== width) {
        width = plot.clientWidth;
        Plotly.Plots.resize(plot);
      }
    }).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
    new MutationObserver(function () {
      setTimeout(retheme, 100);
    }).observe(document.body, { attributes: true });
  }

  library().then(draw).catch(function (error) {
    var note = document.createElement("p");
    note.className = "pomona-note";
    note.textContent = "This figure can not be drawn here: " + error.message;
    plot.appendChild(note);
  });
})();
