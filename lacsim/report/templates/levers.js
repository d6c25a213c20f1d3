"use strict";
(function () {
  // Halves go to the even whole number, as in the ledger.
  function rint(x) {
    var low = Math.floor(x), gap = x - low;
    if (gap < 0.5) { return low; }
    if (gap > 0.5) { return low + 1; }
    return low % 2 === 0 ? low : low + 1;
  }

  function quantile(values, share) {
    var ordered = values.slice().sort(function (a, b) { return a - b; });
    var place = (ordered.length - 1) * share, below = Math.floor(place);
    var above = Math.min(below + 1, ordered.length - 1);
    return rint(ordered[below] + (ordered[above] - ordered[below]) * (place - below));
  }

  function counted(amounts, percent, factors, years) {
    return amounts.map(function (future) {
      var sum = 0;
      for (var y = 0; y < years; y += 1) { sum += rint(rint(future[y] * percent / 100) * factors[y]); }
      return sum;
    });
  }

  function compute(data, settings) {
    var factors = data.factors[settings.discount_tenths], sums = {};
    var n = data.before[0].length;
    data.purse.forEach(function (part) { sums[part] = new Array(n).fill(0); });
    data.parts.forEach(function (part, k) {
      var percent = settings[data.prices[k]];
      var before = counted(data.before[k], percent, factors, settings.years);
      var after = counted(data.after[k], percent, factors, settings.years);
      for (var f = 0; f < n; f += 1) { sums[part][f] += before[f] - after[f]; }
    });
    data.purse.slice(1).forEach(function (part) {
      sums[part] = sums[part].map(function (saved) {
        var allowed = saved > 0 ? rint(saved * (1 - settings.optimism_percent / 100)) : saved;
        return rint(allowed * settings.credit_percent / 100);
      });
    });
    function total(parts) {
      var all = new Array(n).fill(0);
      parts.forEach(function (part) { sums[part].forEach(function (pence, f) { all[f] += pence; }); });
      return all;
    }
    var net = total(data.purse), cash = total(data.cash);
    return {
      net: net, cash: cash, n: n,
      n_less: net.filter(function (pence) { return pence > 0; }).length,
      p05: quantile(net, 0.05), p50: quantile(net, 0.5), p95: quantile(net, 0.95), cash_p50: quantile(cash, 0.5)
    };
  }

  if (typeof module !== "undefined") { module.exports = { compute: compute, rint: rint, quantile: quantile }; }
  if (typeof document === "undefined") { return; }

  var holder = document.getElementById("levers-data"), form = document.getElementById("levers");
  if (holder && form) { start(JSON.parse(holder.textContent)); }

  function pounds(pence) {
    var sign = pence < 0 ? "\u2212\u2060" : "", whole = Math.abs(pence);
    var text = Math.floor(whole / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    return sign + "\u00a3" + text + "." + ("0" + whole % 100).slice(-2);
  }

  function start(data) {
    var names = Object.keys(data.settings);
    var settings = Object.assign({}, data.settings);

    function field(name, kind) { return document.getElementById("lever-" + name + "-" + kind); }
    function per(name) { return Number(field(name, "range").dataset.per); }
    function clamp(name, value) {
      var range = field(name, "range"), low = Number(range.min) * per(name), high = Number(range.max) * per(name);
      return Math.min(high, Math.max(low, Math.round(value * per(name))));
    }

    function show() {
      var found = compute(data, settings), changed = [];
      names.forEach(function (name) {
        var value = settings[name] / per(name);
        field(name, "range").value = value;
        field(name, "number").value = value;
        if (settings[name] !== data.settings[name]) {
          changed.push(field(name, "range").dataset.label + " " + value + " " + field(name, "range").dataset.unit);
        }
      });
      ["p05", "p50", "p95", "cash_p50"].forEach(function (key) {
        var out = document.getElementById("lever-out-" + key);
        out.textContent = pounds(found[key]);
        out.dataset.pence = found[key];
      });
      var count = document.getElementById("lever-out-count");
      count.textContent = found.n_less.toLocaleString("en-GB") + " of " + found.n.toLocaleString("en-GB");
      count.dataset.count = found.n_less;
      document.getElementById("lever-settings").textContent = changed.length
        ? "Worked out with these settings: " + changed.join("; ") + "."
        : "Worked out with the settings of the run.";
    }

    function remember() {
      var changed = names.filter(function (name) { return settings[name] !== data.settings[name]; });
      var hash = changed.map(function (name) { return name + "=" + settings[name]; }).join("&");
      history.replaceState(null, "", "#" + (hash ? "levers&" + hash : "sure"));
    }

    function recall() {
      settings = Object.assign({}, data.settings);
      location.hash.replace(/^#/, "").split("&").forEach(function (pair) {
        var parts = pair.split("="), value = Number(parts[1]);
        if (names.indexOf(parts[0]) >= 0 && parts.length === 2 && isFinite(value)) {
          settings[parts[0]] = clamp(parts[0], value / per(parts[0]));
        }
      });
    }

    names.forEach(function (name) {
      ["range", "number"].forEach(function (kind) {
        field(name, kind).addEventListener(kind === "range" ? "input" : "change", function (event) {
          if (event.target.value === "" || !isFinite(Number(event.target.value))) { show(); return; }
          settings[name] = clamp(name, Number(event.target.value));
          show();
          remember();
        });
      });
    });
    document.getElementById("lever-reset").addEventListener("click", function () {
      settings = Object.assign({}, data.settings);
      show();
      remember();
    });
    window.addEventListener("hashchange", function () {
      if (location.hash.indexOf("=") > 0) { recall(); show(); }
    });
    form.hidden = false;
    document.getElementById("levers-without-script").hidden = true;
    recall();
    show();
    if (location.hash.indexOf("=") > 0) { form.scrollIntoView(); }
  }

  var dots = document.getElementById("dots-data"), panel = document.getElementById("dot-panel");
  if (dots && panel) { open(JSON.parse(dots.textContent)); }

  function open(told) {
    function add(parent, name, text) {
      var made = document.createElement(name);
      made.textContent = text;
      parent.appendChild(made);
      return made;
    }
    function choose(future) {
      panel.textContent = "";
      add(add(panel, "p", ""), "strong", future.head);
      var list = add(panel, "ul", "");
      future.lines.forEach(function (line) { add(list, "li", line[0] + ": " + line[1]); });
      add(panel, "p", "Counts are over the whole period, " + told.pair + ". To live this future again:");
      add(panel, "code", future.command);
      panel.hidden = false;
    }
    Object.keys(told.futures).forEach(function (number) {
      var dot = document.getElementById("future-" + number), future = told.futures[number];
      if (!dot) { return; }
      dot.setAttribute("tabindex", "0");
      dot.setAttribute("role", "button");
      dot.setAttribute("aria-label", future.head);
      dot.addEventListener("click", function () { choose(future); });
      dot.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(future); }
      });
    });
    // An image has no parts that can be chosen; with buttons inside, the picture is a group of them.
    var svg = document.querySelector("#dots-data") && document.querySelector('[id^="future-"]').closest("svg");
    if (svg) { svg.setAttribute("role", "group"); }
  }

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
}());
