#!/bin/bash
dotnet build tests/VMSeed.Gslb.Tests -c Release -v q -p:RunAnalyzers=false 2>&1 | grep -E "error" | sort -u| head
artifacts/bin/VMSeed.Gslb.Tests/release/VMSeed.Gslb.Tests --filter-class '*SimulationTests' --no-ansi --progress off | grep -E "failed: [1-9]|duration|Exception|at VM" | head; cat /tmp/sim.txt
