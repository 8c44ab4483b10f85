// Alibaba's clients for JavaScript on the sandbox's VOD: the older signs by HMAC-SHA1, the newer by ACS3-HMAC-SHA256.
import Pop from "@alicloud/pop-core";
import OpenApi, { Config, OpenApiRequest, Params } from "@alicloud/openapi-client";
import { RuntimeOptions } from "@alicloud/tea-util";

const { VOD_URL, ACCESS_KEY_ID, ACCESS_KEY_SECRET, VIDEO_ID } = process.env;
const outcome = async (call) => {
  try {
    return { answer: await call() };
  } catch (error) {
    return { code: error.code };
  }
};

const older = new Pop.RPCClient({ accessKeyId: ACCESS_KEY_ID, accessKeySecret: ACCESS_KEY_SECRET, endpoint: VOD_URL, apiVersion: "2017-03-21" });
const newer = new OpenApi.default(
  new Config({ accessKeyId: ACCESS_KEY_ID, accessKeySecret: ACCESS_KEY_SECRET, endpoint: new URL(VOD_URL).host, protocol: "HTTP" }),
);
const ask = (action, query) =>
  newer.callApi(
    new Params({ action, version: "2017-03-21", protocol: "HTTP", pathname: "/", method: "POST", authType: "AK", style: "RPC", reqBodyType: "formData", bodyType: "json" }),
    new OpenApiRequest({ query }),
    new RuntimeOptions({}),
  );

console.log(
  JSON.stringify({
    older: await outcome(() => older.request("GetVideoInfo", { VideoId: VIDEO_ID }, { method: "POST" })),
    olderMissing: await outcome(() => older.request("GetVideoInfo", { VideoId: "nobody" })),
    newer: await outcome(() => ask("BatchGetMediaInfos", { MediaIds: VIDEO_ID })),
    newerMissing: await outcome(() => ask("DeleteVideo", { VideoIds: "nobody" })),
  }),
);
