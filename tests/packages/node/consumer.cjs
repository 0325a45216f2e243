require("./consume.cjs")(require("onecors"));
