export default { testDir: "/work/main/test", testMatch: "e2e/block-*.e2e.ts", outputDir: "/tmp/blk/results", workers: 1, timeout: 120000, reporter: [["list"]] };
